package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/template"
)

// timer is a timer trigger of the stack.
type timer struct {
	name, payload string
	schedule      cron.Schedule // in cloud time
}

// timers are the timer triggers, stopped or not.
func (c *Cloud) timers() (all []timer, err error) {
	for _, t := range c.deployed.Triggers {
		if t.TriggerType != "timer" {
			continue
		}
		schedule, err := newSchedule(t.TriggerConfig.CronExpression)
		if err != nil {
			return nil, c.wrongTrigger(t, err)
		}
		all = append(all, timer{t.TriggerName, t.TriggerConfig.Payload, schedule})
	}
	return all, nil
}

// wrongTrigger says what is wrong with a trigger, and at which line of the template it stands.
func (c *Cloud) wrongTrigger(t template.Trigger, err error) error {
	line := 0
	for _, r := range c.Stack.Resources {
		if r.Properties["TriggerName"] == t.TriggerName {
			line = r.Line
		}
	}
	return fmt.Errorf("making trigger %s of line %d: %w", t.TriggerName, line, err)
}

// newSchedule reads when a timer trigger fires, as Function Compute documents it: "@every 10m", or six fields from
// seconds to the day of the week, "0 30 4 * * MON-FRI", in UTC unless CRON_TZ=Asia/Shanghai stands before them.
func newSchedule(expression string) (cron.Schedule, error) {
	if interval, isInterval := strings.CutPrefix(expression, "@every "); isInterval {
		every, err := time.ParseDuration(interval)
		if err != nil || every < time.Minute {
			return nil, fmt.Errorf("%q is no interval of a minute or more", expression)
		}
		return cron.Every(every), nil
	}
	fields, zone := strings.Fields(expression), "CRON_TZ=UTC"
	if len(fields) > 0 && strings.HasPrefix(fields[0], "CRON_TZ=") {
		zone, fields = fields[0], fields[1:]
	}
	if len(fields) != 6 {
		return nil, fmt.Errorf("%q is neither @every nor seconds, minutes, hours, day, month and weekday", expression)
	}
	weekday, wrong := weekdays(fields[5])
	if _, err := strconv.ParseUint(fields[0], 10, 8); err != nil {
		wrong = errors.New("its seconds are one number")
	}
	fields[5] = weekday
	parser := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	schedule, err := parser.Parse(zone + " " + strings.Join(fields, " "))
	if err = errors.Join(wrong, err); err != nil {
		return nil, fmt.Errorf("reading the times %q: %w", expression, err)
	}
	return schedule, nil
}

// weekdays is a field of weekdays from 1 or MON to 7 or SUN, in words of a library that begins the week with 0, Sunday.
func weekdays(field string) (string, error) {
	if strings.Contains(field, "0") {
		return field, errors.New("its weekdays are 1 to 7, or MON to SUN")
	}
	days := strings.Split(strings.ReplaceAll(strings.ToUpper(field), "SUN", "7"), ",")
	for i, day := range days {
		if first, toSunday := strings.CutSuffix(day, "-7"); toSunday {
			days[i] = first + "-6,0"
		} else if day == "7" {
			days[i] = "0"
		}
	}
	return strings.Join(days, ","), nil
}

// tick lets the timers of the stack fire until ctx ends.
func (c *Cloud) tick(ctx context.Context) error {
	timers, err := c.timers()
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	for _, t := range timers {
		work.Go(func() { c.fire(ctx, t) })
	}
	work.Wait()
	<-ctx.Done() // also where there is no timer
	return nil
}

// fire lets a timer fire until ctx ends. Cloud time passes faster than this machine's by the cloud's speed.
func (c *Cloud) fire(ctx context.Context, t timer) {
	began, next := time.Now(), time.Time{}
	for {
		now := began.Add(time.Duration(float64(time.Since(began)) * c.speed))
		after := now
		if after.Before(next) { // by what was rounded off
			after = next
		}
		next = t.schedule.Next(after)
		if next.IsZero() || pace.Sleep(ctx, scaled(next.Sub(now), c.speed)) != nil {
			return // never again, such as on the 30th of February; or it is over
		}
		if !c.gates[t.name].Open() {
			continue
		}
		payload, _ := json.Marshal(map[string]string{ // texts always encode
			"triggerTime": time.Now().UTC().Format(time.RFC3339), "triggerName": t.name, "payload": t.payload,
		})
		_, _ = c.invokeBy(t.name)(ctx, payload) // how it ended is in the runtime's record
		c.touch()
	}
}
