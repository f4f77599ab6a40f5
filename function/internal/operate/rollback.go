package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Versions are those of the function, and what was done to its alias.
type Versions struct {
	Versions []Version `json:"versions"`
	Moved    string    `json:"moved,omitempty"` // to this version
	DryRun   bool      `json:"dryRun"`
	choose   string
}

// Versions lists the versions, the newest first.
func (o Operator) Versions(ctx context.Context) (Versions, error) {
	all, err := o.versions(ctx)
	if refused(err, "FunctionNotFound") {
		_, err = o.function(ctx)
	}
	if refused(err, "AliasNotFound") {
		err = &MissingError{What: "the function has no alias " + alias, Fix: o.command("deploy")}
	}
	return Versions{Versions: all, choose: o.command("rollback", "VERSION")}, err
}

// Rollback has the alias point at an earlier version. Nothing else changes: a pause stays, and messages of the newer
// version wait in the queue.
func (o Operator) Rollback(ctx context.Context, version string, dryRun bool) (Versions, error) {
	v, err := o.Versions(ctx)
	if err != nil {
		return v, err
	}
	known := false
	for i := range v.Versions {
		if v.Versions[i].ID == version {
			known = true
		}
	}
	if !known {
		return v, usage("there is no version %s; %s lists them", plain(version), o.command("rollback"))
	}
	if v.Moved, v.DryRun = version, dryRun; dryRun {
		return v, nil
	}
	if err := o.point(ctx, version); err != nil {
		return v, err
	}
	for i := range v.Versions {
		v.Versions[i].Live = v.Versions[i].ID == version
	}
	return v, nil
}

// point has the alias point at a version, and makes it when it is missing.
func (o Operator) point(ctx context.Context, version string) error {
	body, err := json.Marshal(map[string]string{"versionId": version, "aliasName": alias})
	if err != nil {
		return fmt.Errorf("writing the alias: %w", err)
	}
	_, err = o.Console.Call(ctx, o.fc("PUT", "aliases/"+alias, string(body)))
	if refused(err, "AliasNotFound") {
		_, err = o.Console.Call(ctx, o.fc("POST", "aliases", string(body)))
	}
	if err == nil {
		o.say("alias %s points at version %s", alias, version)
	}
	return err
}

// publish makes a version of the function as it is configured now.
func (o Operator) publish(ctx context.Context, source string) (string, error) {
	body, err := json.Marshal(map[string]string{"description": source})
	if err != nil {
		return "", fmt.Errorf("writing the version: %w", err)
	}
	answer, err := ask[struct {
		VersionID string `json:"versionId"`
	}](ctx, o, o.fc("POST", "versions", string(body)))
	if err == nil && answer.VersionID == "" {
		return "", fmt.Errorf("publishing a version in %s: the answer names none", o.Region)
	}
	return answer.VersionID, err
}

// Text implements Result.
func (v Versions) Text() string {
	var text strings.Builder
	for _, version := range v.Versions {
		mark := " "
		if version.Live {
			mark = "*"
		}
		fmt.Fprintf(&text, "%s %-4s %s  %s\n", mark, plainID(version.ID), plain(version.Created), plain(version.Source))
	}
	switch {
	case len(v.Versions) == 0:
		text.WriteString("no version was published\n")
	case v.Moved == "":
		fmt.Fprintf(&text, "* is the one that is live; another: %s\n", v.choose)
	case v.DryRun:
		fmt.Fprintf(&text, "alias %s would point at version %s\n", alias, v.Moved)
	default:
		fmt.Fprintf(&text, "alias %s points at version %s\n", alias, v.Moved)
	}
	return text.String()
}
