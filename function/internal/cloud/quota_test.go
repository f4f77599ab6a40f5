package cloud

import "testing"

func TestAQuotaIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]Quota{
		"500": PerMinute(500), "3/s": PerSecond(3), "1": PerMinute(1), "10000000": PerMinute(maxCalls),
	} {
		got, err := ParseQuota(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s is read as %+v, %v, and written as %s", text, got, err, got)
		}
	}
	for _, text := range []string{"", "0", "-1", "3/", "3/m", "/s", "3.5", "3 /s", "10000001", "10000001/s"} {
		if got, err := ParseQuota(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestAQuotaOfASecondAllowsItEverySecond(t *testing.T) {
	if got := PerSecond(3).Rate(); got != 3 {
		t.Errorf("3/s is %g calls a second", got)
	}
	if got := PerMinute(90).Rate(); got != 1.5 {
		t.Errorf("90 a minute are %g calls a second", got)
	}
}

func TestAMultipliedQuotaKeepsItsWindowAndACall(t *testing.T) {
	if got := PerSecond(3).Times(20); got != PerSecond(60) {
		t.Errorf("got %s", got)
	}
	if got := PerMinute(1).Times(0.5); got != PerMinute(1) {
		t.Errorf("got %s", got)
	}
}
