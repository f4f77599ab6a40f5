package mns

import "fmt"

// Error is a refusal with the service's own code and HTTP status.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// plain is the Error as an error: a nil *Error becomes a nil error.
func (e *Error) plain() error {
	if e == nil {
		return nil
	}
	return e
}

// invalid refuses a value; the service's text names the element and its bounds.
func invalid(message string) *Error { return &Error{400, "InvalidArgument", message} }

// refuse returns the error of a code, with 400 and a text of our own if the code is not documented.
func refuse(code string) *Error {
	if known, found := documented()[code]; found {
		return &Error{known.status, code, known.message}
	}
	return &Error{400, code, "The service answered " + code + "."}
}

type statusAndMessage struct {
	status  int
	message string
}

// documented has the status and text of MNS API "Error codes". The codes of headers, topics and subscriptions are those
// that the vendor's SDKs know; the texts of MissingVersionHeader, InvalidSecurityToken, ServiceUnavailable and
// TooManyRequests are assumed. InvalidDegist and SubsriptionNameInvalid are spelled so by the service.
func documented() map[string]statusAndMessage {
	const (
		badSignature = "The request signature we calculated does not match the signature you provided." +
			" Check your key and signing method."
		badOwner = "The OwnerId that your Access Key Id associated to is forbidden for this operation."
		badName  = "The name you provided is invalid." +
			" It should start with alpha or digit and contain only alpha, digit or -."
		badLength = "The length of the name should be between 1 and 120."
	)
	return map[string]statusAndMessage{
		"InvalidAuthorizationHeader":  {400, "The Authorization header format is invalid."},
		"MissingAuthorizationHeader":  {400, "Authorization header is required."},
		"InvalidDateHeader":           {400, "The Date header format is invalid."},
		"MissingDateHeader":           {400, "Date header is required."},
		"MissingVersionHeader":        {400, "x-mns-version header is required."},
		"InvalidDegist":               {400, "The Content-MD5 you specified is invalid."},
		"InvalidAccessKeyId":          {403, "The access Id you provided is not exist."},
		"InvalidSecurityToken":        {403, "The security token you provided is invalid."},
		"SignatureDoesNotMatch":       {403, badSignature},
		"AccessDenied":                {403, badOwner},
		"TimeExpired":                 {408, "The http request you sent is expired."},
		"TooManyRequests":             {429, "Too many requests."},
		"InternalError":               {500, "Internal error."},
		"InternalServerError":         {500, "Internal error."},
		"ServiceUnavailable":          {503, "Service unavailable."},
		"InvalidRequestURL":           {400, "Http request URL format invalid."},
		"MalformedXML":                {400, "The XML you provided was not well-formed."},
		"MissingReceiptHandle":        {400, "ReceiptHandle is required."},
		"MissingVisibilityTimeout":    {400, "VisibilityTimeout is required."},
		"ReceiptHandleError":          {400, "The receipt handle you provide is not valid."},
		"MessageNotExist":             {404, "Message not exist."},
		"QueueNotExist":               {404, "The queue name you provided is not exist."},
		"TopicNotExist":               {404, "The topic name you provided is not exist."},
		"SubscriptionNotExist":        {404, "The subscription name you provided is not exist."},
		"QueueAlreadyExist":           {409, "The queue you want to create is already exist."},
		"TopicAlreadyExist":           {409, "The topic you want to create is already exist."},
		"SubscriptionAlreadyExist":    {409, "The subscription you want to create is already exist."},
		"InvalidQueueName":            {400, badName},
		"TopicNameInvalid":            {400, badName},
		"SubsriptionNameInvalid":      {400, badName},
		"QueueNameLengthError":        {400, badLength},
		"TopicNameLengthError":        {400, badLength},
		"SubscriptionNameLengthError": {400, badLength},
		"EndpointInvalid":             {400, "The endpoint you provided is invalid."},
	}
}
