package local

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhenATimerFires(t *testing.T) {
	t.Parallel()
	const layout = "Mon 2006-01-02 15:04:05"
	from := time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC) // a Monday
	for expression, want := range map[string]string{
		"@every 10m":                               "Mon 2026-11-23 03:20:00",
		"@every 1h30m":                             "Mon 2026-11-23 04:40:00",
		"0 0/5 * * * *":                            "Mon 2026-11-23 03:15:00",
		"30 10 3 * * ?":                            "Mon 2026-11-23 03:10:30",
		"0 0 4 * * *":                              "Mon 2026-11-23 04:00:00",
		"CRON_TZ=Asia/Shanghai 0 0 4 1 * *":        "Mon 2026-11-30 20:00:00",
		"0 0 9-11 * JAN,DEC MON":                   "Mon 2026-12-07 09:00:00",
		"0 0 0 ? * 7":                              "Sun 2026-11-29 00:00:00",
		"0 0 0 ? * sun":                            "Sun 2026-11-29 00:00:00",
		"0 0 0 * * SAT-SUN":                        "Sat 2026-11-28 00:00:00",
		"0 0 0 * * 2,6-7":                          "Tue 2026-11-24 00:00:00",
		"CRON_TZ=America/New_York 0 30 2 8 3 *":    "Mon 2027-03-08 07:30:00",
		"CRON_TZ=UTC 0  10   3  *  *  WED,FRI-SUN": "Wed 2026-11-25 03:10:00",
	} {
		schedule, err := newSchedule(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := schedule.Next(from).UTC().Format(layout); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
}

func TestATimeThatTheVendorRefusesIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	template, err := FindTemplate()
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := StartInProcess(preset(), Options{Deployed: Deployed{Template: template}})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	sweep := &cloud.deployed.Triggers[len(cloud.deployed.Triggers)-1]
	for expression, want := range map[string]string{
		"@every 30s":                 "no interval of a minute",
		"@every soon":                "no interval of a minute",
		"@daily":                     "neither @every nor",
		"":                           "neither @every nor",
		"CRON_TZ=Asia/Shanghai":      "neither @every nor",
		"0 4 * * *":                  "neither @every nor",
		"0 0 4 * * * 2026":           "neither @every nor",
		"*/10 * * * * *":             "seconds are one number",
		"0 60 * * * *":               "above maximum",
		"0 0 0 * * 0":                "weekdays are 1 to 7",
		"0 0 0 * * 8":                "above maximum",
		"CRON_TZ=Mars/1 0 0 4 * * *": "bad location",
	} {
		sweep.TriggerConfig.CronExpression = expression
		_, err := cloud.timers()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sweep of line ") {
			t.Errorf("%s: got %v, want it to say %s", expression, err, want)
		}
	}
}

func TestATimerFiresOnceAtEachOfItsTimes(t *testing.T) {
	for _, speed := range []float64{1, 7, 100} {
		synctest.Test(t, func(t *testing.T) {
			cloud, err := StartInProcess(preset(), Options{Speed: speed})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				cloud.Close()
				time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
			}()
			at := len(cloud.deployed.Triggers) - 1
			// A test in virtual time begins at midnight.
			cloud.deployed.Triggers[at].TriggerConfig.CronExpression = "0 0/20 * * * *"
			flow, stop := context.WithCancel(t.Context())
			go func() { _ = cloud.tick(flow) }()
			time.Sleep(scaled(3*time.Hour+time.Minute, speed))
			stop()
			synctest.Wait()
			if fired := len(cloud.Runtime.Invocations()); fired != 9 {
				t.Errorf("at speed %g it fired %d times in three hours, want 9", speed, fired)
			}
		})
	}
}
