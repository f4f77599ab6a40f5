package fc

import (
	"testing"
	"time"
)

func TestAMessageIsWrappedAsThePlatformDoes(t *testing.T) {
	message := QueueMessage{
		MessageID: "D273CD6A89564E54-1-15180395A19-200000001", ReceiptHandle: "1-ODU4",
		Body:       `{"vpnConnectionId":"vco-1","note":"<&> é"}`,
		EnqueuedAt: time.Date(2026, 11, 23, 11, 0, 0, 40e6, time.FixedZone("", 8*60*60)),
	}
	for _, c := range []struct {
		name string
		raw  bool
		want string
	}{
		{"as a CloudEvent", false, `{"id":"D273CD6A89564E54-1-15180395A19-200000001","source":"MNS-Function-queue",` +
			`"specversion":"1.0",` +
			`"type":"mns:Queue:SendMessage","datacontenttype":"application/json; charset=utf-8",` +
			`"subject":"acs:mns:cn-hangzhou:1234567890123456:queues/work","time":"2026-11-23T03:00:00.040Z",` +
			`"aliyunaccountid":"1234567890123456","aliyunpublishtime":"2026-11-23T03:00:00.040Z",` +
			`"aliyunoriginalaccountid":"1234567890123456","aliyuneventbusname":"MNS-Function-queue",` +
			`"aliyunregionid":"cn-hangzhou","aliyunpublishaddr":"127.0.0.1",` +
			`"data":{"requestId":"D273CD6A89564E54-1-15180395A19-200000001",` +
			`"messageId":"D273CD6A89564E54-1-15180395A19-200000001",` +
			`"messageBody":"{\"vpnConnectionId\":\"vco-1\",\"note\":\"<&> é\"}"}}`},
		{"as raw data", true, `{"requestId":"D273CD6A89564E54-1-15180395A19-200000001",` +
			`"messageId":"D273CD6A89564E54-1-15180395A19-200000001",` +
			`"messageBody":"{\"vpnConnectionId\":\"vco-1\",\"note\":\"<&> é\"}"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(newQueue())
			r.RawData = c.raw
			if got := string(r.element(message)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAMessageDeliveredAgainGivesTheSameElement(t *testing.T) {
	r := newRig(newQueue())
	first := r.element(QueueMessage{MessageID: "M1", ReceiptHandle: "R1", Body: "a"})
	again := r.element(QueueMessage{MessageID: "M1", ReceiptHandle: "R2", Body: "a"})
	if string(first) != string(again) {
		t.Errorf("first %s, then %s", first, again)
	}
}
