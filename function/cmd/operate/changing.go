package main

import (
	"context"
	"strings"

	"vpn-attach/function/internal/operate"
)

// changingVerbs are those that change what is deployed.
func changingVerbs() []verb {
	return []verb{
		{name: "pause", flags: "dry", do: switching(false),
			help: "stops the triggers, in seconds: nothing is attached until resume\n\n" +
				"Changes neither code nor settings. Deployments and rollbacks leave it paused. What is sent\n" +
				"meanwhile waits."},
		{name: "resume", flags: "dry", help: "starts the triggers again", do: switching(true)},
		{name: "deploy", flags: "dry deploy", do: deploy,
			help: "builds the function and makes or updates the stack of template.yml\n\n" +
				"Uploads the code to an OSS bucket, makes or updates the stack, publishes a version, has the alias\n" +
				"live point at it, waits for the triggers, and proves it by a dry run. Run again with nothing\n" +
				"changed, it changes nothing but the version. The first deployment makes the key that signs what\n" +
				"the function queues for itself; --new-key changes it, and the old one is still taken. A key is\n" +
				"never printed."},
		{name: "rollback", arguments: "[VERSION]", most: 1, flags: "dry",
			help: "lists the versions, or has the alias point at one\n\n" +
				"Only the alias moves: a pause stays, and messages of the newer version wait in the queue.",
			do: rollback},
		{name: "set", arguments: "NAME=VALUE…", least: 1, most: -1, flags: "dry",
			help: "changes settings, by the names of function/README.md, such as SWEEP=attach\n\n" +
				"The code that is live stays. Wrong values are refused before anything is changed.",
			do: set},
		{name: "remove", flags: "dry yes", help: "deletes the stack, and says what stays and why",
			do: func(ctx context.Context, j job) (ended, error) {
				r, err := j.Remove(ctx, j.options.yes && !j.options.dryRun)
				return shown(r, err, false)
			}},
	}
}

func switching(start bool) func(context.Context, job) (ended, error) {
	return func(ctx context.Context, j job) (ended, error) {
		s, err := j.Switch(ctx, start, j.options.dryRun)
		return shown(s, err, false)
	}
}

func deploy(ctx context.Context, j job) (ended, error) {
	d, err := j.Deploy(ctx, operate.DeployOptions{
		Bucket: j.options.bucket, Pairs: j.options.parameters, NewKey: j.options.newKey, DryRun: j.options.dryRun,
	})
	return shown(d, err, false)
}

func rollback(ctx context.Context, j job) (ended, error) {
	if len(j.rest) == 0 {
		v, err := j.Versions(ctx)
		return shown(v, err, false)
	}
	v, err := j.Rollback(ctx, j.rest[0], j.options.dryRun)
	return shown(v, err, false)
}

func set(ctx context.Context, j job) (ended, error) {
	var pairs []operate.Pair
	for _, text := range j.rest {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return ended{}, &operate.UsageError{Text: "set takes NAME=VALUE, such as SWEEP=attach"}
		}
		pairs = append(pairs, operate.Pair{Name: name, Value: value})
	}
	s, err := j.Set(ctx, pairs, j.options.dryRun)
	return shown(s, err, false)
}
