package local

import (
	"fmt"
	"time"

	"vpn-attach/function/internal/template"
)

// functionMetric is a figure of Function Compute in the last period of an alarm.
func (c *Cloud) functionMetric(a template.MetricAlarm) (n float64, err error) {
	since := time.Now().Add(-scaled(seconds(a.Period), c.speed))
	switch a.MetricName {
	case "FunctionFunctionErrors":
		for _, i := range c.Runtime.Invocations() {
			if i.Failure != nil && i.Started.Add(i.Duration).After(since) {
				n++
			}
		}
		return n, nil
	case "FunctionConcurrencyThrottles":
		return 0, nil // an invocation waits here until an instance is free
	}
	return 0, fmt.Errorf("the local cloud has no metric %s of %s", a.MetricName, a.Namespace)
}
