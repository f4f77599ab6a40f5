package mns

import (
	"fmt"
	"net/http"
)

// Error is a refusal with the service's own code and HTTP status.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// plain gives an Error as an error, nil for none.
func (e *Error) plain() error {
	if e == nil {
		return nil
	}
	return e
}

// refuse gives the error of a documented code.
func refuse(code string) *Error {
	status, message := documented(code)
	return &Error{Status: status, Code: code, Message: message}
}

// invalid refuses a value; the service's text names the element and its bounds.
func invalid(message string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: message}
}

// documented gives the status and text of MNS API "Error codes"; 400 and a text of our own
// for any other code. The codes of headers, topics and subscriptions are those that the
// vendor's SDKs know; the texts of MissingVersionHeader, InvalidSecurityToken,
// ServiceUnavailable and TooManyRequests are assumed.
func documented(code string) (status int, message string) {
	switch code {
	case "InvalidAuthorizationHeader":
		return http.StatusBadRequest, "The Authorization header format is invalid."
	case "MissingAuthorizationHeader":
		return http.StatusBadRequest, "Authorization header is required."
	case "InvalidDateHeader":
		return http.StatusBadRequest, "The Date header format is invalid."
	case "MissingDateHeader":
		return http.StatusBadRequest, "Date header is required."
	case "MissingVersionHeader":
		return http.StatusBadRequest, "x-mns-version header is required."
	case "InvalidDegist": // sic
		return http.StatusBadRequest, "The Content-MD5 you specified is invalid."
	case "InvalidAccessKeyId":
		return http.StatusForbidden, "The access Id you provided does not exist."
	case "InvalidSecurityToken":
		return http.StatusForbidden, "The security token you provided is invalid."
	case "SignatureDoesNotMatch":
		return http.StatusForbidden, "The request signature we calculated does not match the signature you provided. Check your key and signing method."
	case "AccessDenied":
		return http.StatusForbidden, "The OwnerId that your Access Key Id associated to is forbidden for this operation."
	case "TimeExpired":
		return http.StatusRequestTimeout, "The http request you sent is expired."
	case "TooManyRequests":
		return http.StatusTooManyRequests, "Too many requests."
	case "InternalError", "InternalServerError":
		return http.StatusInternalServerError, "Internal error."
	case "ServiceUnavailable":
		return http.StatusServiceUnavailable, "Service unavailable."
	default:
		return documentedOfResources(code)
	}
}

// documentedOfResources has the codes about queues, topics, subscriptions and messages.
func documentedOfResources(code string) (status int, message string) {
	switch code {
	case "InvalidRequestURL":
		return http.StatusBadRequest, "Http request URL format invalid."
	case "MalformedXML":
		return http.StatusBadRequest, "The XML you provided was not well-formed."
	case "MissingReceiptHandle":
		return http.StatusBadRequest, "ReceiptHandle is required."
	case "MissingVisibilityTimeout":
		return http.StatusBadRequest, "VisibilityTimeout is required."
	case "ReceiptHandleError":
		return http.StatusBadRequest, "The receipt handle you provide is not valid."
	case "MessageNotExist":
		return http.StatusNotFound, "Message not exist."
	case "QueueNotExist":
		return http.StatusNotFound, "The queue name you provided is not exist."
	case "TopicNotExist":
		return http.StatusNotFound, "The topic name you provided is not exist."
	case "SubscriptionNotExist":
		return http.StatusNotFound, "The subscription name you provided is not exist."
	case "QueueAlreadyExist":
		return http.StatusConflict, "The queue you want to create is already exist."
	case "TopicAlreadyExist":
		return http.StatusConflict, "The topic you want to create is already exist."
	case "SubscriptionAlreadyExist":
		return http.StatusConflict, "The subscription you want to create is already exist."
	case "InvalidQueueName", "TopicNameInvalid", "SubsriptionNameInvalid": // the last one sic
		return http.StatusBadRequest, "The name you provided is invalid. It should start with alpha or digit and contain only alpha, digit or -."
	case "QueueNameLengthError", "TopicNameLengthError", "SubscriptionNameLengthError":
		return http.StatusBadRequest, "The length of the name should be between 1 and 120."
	case "EndpointInvalid":
		return http.StatusBadRequest, "The endpoint you provided is invalid."
	default:
		return http.StatusBadRequest, "The service answered " + code + "."
	}
}
