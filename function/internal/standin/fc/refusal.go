package fc

import (
	"encoding/json"
	"fmt"
	"net/http"

	"vpn-attach/function/internal/standin/sign"
)

// The refusals of the invoke API. Codes and texts are those of the service's
// "Error codes"; what is assumed says so.

// internalError is the code of an invocation that the platform could not begin,
// and the type of its Failure when it was asynchronous. Assumed.
const internalError = "InternalServerError"

func invalid(text string) *sign.Refusal {
	return &sign.Refusal{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: text}
}

func notSupported(r *http.Request) *sign.Refusal {
	text := fmt.Sprintf("'%s' against '%s' is not supported", r.Method, r.URL.Path)
	return &sign.Refusal{Status: http.StatusBadRequest, Code: "PathNotSupported", Message: text}
}

func notFound(code, text string) *sign.Refusal {
	return &sign.Refusal{Status: http.StatusNotFound, Code: code, Message: text}
}

// entityTooLarge answers 413, which is assumed: the table of codes, older than
// this API, has 400.
func entityTooLarge(limit int) *sign.Refusal {
	text := fmt.Sprintf("payload size exceeds maximum allowed size (%d bytes)", limit)
	return &sign.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "EntityTooLarge", Message: text}
}

// forbidden puts the refusal of a signature in the service's words: it has two
// codes of its own, and 403 for both. Assumed: the others keep the code of the
// OpenAPI gateway and get 403 as well.
func forbidden(refusal *sign.Refusal) *sign.Refusal {
	code := refusal.Code
	switch code {
	case "SignatureDoesNotMatch":
		code = "SignatureNotMatch"
	case "InvalidAccessKeyId.NotFound":
		code = "InvalidAccessKeyID"
	}
	return &sign.Refusal{Status: http.StatusForbidden, Code: code, Message: refusal.Message}
}

// refuse answers in the form of the API's errors.
func refuse(w http.ResponseWriter, requestID string, refusal *sign.Refusal) {
	writeJSON(w, refusal.Status, map[string]string{
		"Code": refusal.Code, "Message": refusal.Message, "RequestId": requestID,
	})
}

// writeJSON ignores that a caller may have hung up: there is nobody to tell.
func writeJSON(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
