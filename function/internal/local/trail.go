package local

import (
	"context"

	"vpn-attach/function/internal/standin/estate"
)

// The steps here are what reaches the bus of the account, and goes where the rules of the template take it.

// trailStep brings the event of a recorded call to the bus.
type trailStep struct {
	Trail Event `yaml:"trail"`
}

func (t *trailStep) do(_ context.Context, s *story) error {
	text, err := s.make(t.Trail)
	if err == nil {
		s.cloud.onTrail(string(text))
	}
	return err
}

// createStep makes a connection as API CreateVpnAttachment does, of which the bus gets an event.
type createStep struct {
	Create estate.VPNConnection `yaml:"create"`
}

func (t *createStep) do(_ context.Context, s *story) error {
	_, err := s.cloud.Estate.CreateConnection(t.Create)
	return err
}
