package mns

import (
	"context"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
)

// Counts are how many messages a queue has, as the service says: by its documentation it will say 0 of each one day.
type Counts struct{ Active, Inactive, Delayed int }

// Counts asks how many messages a queue has.
func (q Queue) Counts(ctx context.Context) (counts Counts, err error) {
	call := &call{MNSClient: q.Client.client(), ctx: ctx}
	defer asError(&err, "reading the attributes of queue "+q.Name)
	attributes, err := sdk.NewMNSQueueManager(call).GetQueueAttributes(q.Name)
	counts = Counts{int(attributes.ActiveMessages), int(attributes.InactiveMessages), int(attributes.DelayMessages)}
	return counts, call.read("GetQueueAttributes", err)
}

// Release makes a message that was received visible again, in a second.
func (q Queue) Release(ctx context.Context, handle string) error {
	return q.Do(ctx, "ChangeMessageVisibility", func(queue sdk.AliMNSQueue) error {
		_, err := queue.ChangeMessageVisibility(handle, 1)
		return err
	})
}

// Subscription is a subscriber of a topic. FilterTag is "" where it gets everything.
type Subscription struct{ Name, Endpoint, FilterTag string }

// Subscriptions are those of a topic, the first hundred.
func (t Topic) Subscriptions(ctx context.Context) (all []Subscription, err error) {
	const most = 100
	call := &call{MNSClient: t.Client.client(), ctx: ctx}
	defer asError(&err, "listing the subscriptions of topic "+t.Name)
	answer, err := sdk.NewMNSTopic(t.Name, call, unlimited).ListSubscriptionDetailByTopic("", most, "")
	if err := call.read("ListSubscriptionByTopic", err); err != nil && !cloud.HasCode(err, "SubscriptionNotExist") {
		return nil, err
	}
	for _, s := range answer.Attrs {
		all = append(all, Subscription{Name: s.SubscriptionName, Endpoint: s.Endpoint, FilterTag: s.FilterTag})
	}
	return all, nil
}
