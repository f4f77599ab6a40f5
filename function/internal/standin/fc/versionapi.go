package fc

import (
	"cmp"
	"encoding/json"
	"slices"

	"vpn-attach/function/internal/standin/sign"
)

// publish is API PublishFunctionVersion.
func (a *InvokeAPI) publish(body []byte) (any, *sign.Refusal) {
	var asked struct{ Description string }
	if len(body) > 0 && json.Unmarshal(body, &asked) != nil {
		return nil, invalid("the body must be a JSON object")
	}
	id := a.Runtime.Publish(asked.Description)
	of, refusal := a.Runtime.resolve(id)
	if refusal != nil {
		return nil, refusal
	}
	return of.describe(), nil
}

// alias is API UpdateAlias, and without a name CreateAlias.
func (a *InvokeAPI) alias(name string, body []byte) (any, *sign.Refusal) {
	var asked struct{ AliasName, VersionID string }
	if json.Unmarshal(body, &asked) != nil || asked.VersionID == "" || name == "" && asked.AliasName == "" {
		return nil, invalid("aliasName and versionId must be given")
	}
	if refusal := a.Runtime.point(cmp.Or(name, asked.AliasName), asked.VersionID, name != ""); refusal != nil {
		return nil, refusal
	}
	return a.Runtime.describeAlias(cmp.Or(name, asked.AliasName))
}

// describeVersions is the answer of API ListFunctionVersions, the newest first: LATEST alone where none was published.
func (rt *Runtime) describeVersions() any {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	all := []describedVersion{}
	for _, r := range slices.Backward(rt.versions) {
		all = append(all, r.describe())
	}
	if len(all) == 0 {
		all = append(all, rt.latest.describe())
	}
	return map[string]any{"versions": all, "direction": "BACKWARD"}
}

// describedVersion is the answer of API PublishFunctionVersion.
type describedVersion struct {
	VersionID        string `json:"versionId"`
	Description      string `json:"description"`
	CreatedTime      string `json:"createdTime"`
	LastModifiedTime string `json:"lastModifiedTime"`
}

func (r *release) describe() describedVersion {
	return describedVersion{r.id, r.description, stamp(r.made), stamp(r.changed)}
}
