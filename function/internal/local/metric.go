package local

import (
	"fmt"
	"slices"
	"time"
)

// metricOf is the figure of an alarm of CloudMonitor, and its condition.
func (c *Cloud) metricOf(a metricAlarm) (n float64, condition string, err error) {
	operators := map[string]string{
		"GreaterThanOrEqualToThreshold": ">=", "GreaterThanThreshold": ">",
		"LessThanOrEqualToThreshold": "<=", "LessThanThreshold": "<",
	}
	var when escalation
	for _, when = range a.Escalations {
		condition = "n " + operators[when.ComparisonOperator] + " " + when.Threshold
	}
	switch {
	case len(a.Escalations) != 1 || len(a.Resources) != 1:
		err = fmt.Errorf("it has %d escalations and %d resources, one of each can be judged",
			len(a.Escalations), len(a.Resources))
	case a.Namespace == "acs_fc":
		n, err = c.functionMetric(a)
	case when.Statistics == "Minimum":
		n, err = c.lowest(a, scaled(seconds(a.Period*when.Times), c.speed))
	case when.Statistics == "Maximum" && when.Times > 1:
		n, err = c.highest(a, scaled(seconds(a.Period*when.Times), c.speed))
	case when.Times > 1:
		err = fmt.Errorf("the local cloud has no %s of %g periods", when.Statistics, when.Times)
	default:
		n, err = c.queueMetric(a)
	}
	return n, condition, err
}

// queueMetric is how many messages a queue has now.
func (c *Cloud) queueMetric(a metricAlarm) (float64, error) {
	queue, _ := a.Resources[0]["queue"].(string)
	if !slices.Contains(c.Queues.QueueNames(), queue) || a.Resources[0]["region"] != c.Spec.Region {
		return 0, fmt.Errorf("there is no queue %q in %v", queue, a.Resources[0]["region"])
	}
	stats := c.Queues.Stats(queue)
	switch a.Namespace + " " + a.MetricName {
	case "acs_mns_new ActiveMessages":
		return float64(stats.Active), nil
	case "acs_mns_new InactiveMessages":
		return float64(stats.Inactive), nil
	case "acs_mns_new DelayMessages":
		return float64(stats.Delayed), nil
	}
	return 0, fmt.Errorf("the local cloud has no metric %s of %s", a.MetricName, a.Namespace)
}

// lowest is 0 when a queue had no visible message at some moment of the last periods, else 1: how many there were at
// each moment is not known.
func (c *Cloud) lowest(a metricAlarm, periods time.Duration) (float64, error) {
	if _, err := c.queueMetric(a); err != nil || a.MetricName != "ActiveMessages" {
		return 0, fmt.Errorf("the local cloud has no lowest %s of %s", a.MetricName, a.Namespace)
	}
	queue, _ := a.Resources[0]["queue"].(string)
	since := c.Queues.Since(queue)
	if since.IsZero() || time.Since(since) < periods {
		return 0, nil
	}
	return 1, nil
}

// highest is 0 when a queue had no visible message at any moment of the last periods, else 1.
func (c *Cloud) highest(a metricAlarm, periods time.Duration) (float64, error) {
	if _, err := c.queueMetric(a); err != nil || a.MetricName != "ActiveMessages" {
		return 0, fmt.Errorf("the local cloud has no highest %s of %s", a.MetricName, a.Namespace)
	}
	queue, _ := a.Resources[0]["queue"].(string)
	empty := c.Queues.EmptySince(queue)
	if empty.IsZero() || time.Since(empty) < periods {
		return 1, nil
	}
	return 0, nil
}

// functionMetric is a figure of Function Compute in the last period of an alarm.
func (c *Cloud) functionMetric(a metricAlarm) (n float64, err error) {
	var moments []time.Time
	of := a.Resources[0]
	isHere := of["region"] == c.Spec.Region && of["userId"] == c.Spec.Account
	if of["functionName"] != c.deployed.FunctionName || !isHere {
		return 0, fmt.Errorf("there is no function %v of %v in %v", of["functionName"], of["userId"], of["region"])
	}
	switch a.MetricName {
	case "FunctionFunctionErrors":
		for _, i := range c.Runtime.Invocations() {
			if i.Failure != nil {
				moments = append(moments, i.Started.Add(i.Duration))
			}
		}
	case "FunctionConcurrencyThrottles":
		moments = c.Runtime.Waits()
	default:
		return 0, fmt.Errorf("the local cloud has no metric %s of %s", a.MetricName, a.Namespace)
	}
	since := time.Now().Add(-scaled(seconds(a.Period), c.speed))
	for _, moment := range moments {
		if moment.After(since) {
			n++
		}
	}
	return n, nil
}
