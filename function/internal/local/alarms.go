package local

// The types here are alarms as a template writes them, with the properties by which they are judged.

type (
	// metricAlarm is a rule of CloudMonitor.
	metricAlarm struct {
		RuleName, Namespace, MetricName string
		Period                          float64 // seconds
		Resources                       []map[string]any
		Escalations                     map[string]escalation
	}
	// escalation is when a rule of CloudMonitor rings: for so many periods, one after the other.
	escalation struct {
		Statistics, ComparisonOperator, Threshold string
		Times                                     float64
	}
	// logAlarm is an alert of Log Service.
	logAlarm struct {
		Detail struct {
			Name, DisplayName, State string
			Schedule                 struct{ Type, Interval string }
			Configuration            struct {
				QueryList              []struct{ Project, Region, Store, Start, Query string }
				SeverityConfigurations []struct{ EvalCondition struct{ Condition string } }
			}
		}
	}
)

// Types of alarms in a template.
const (
	typeMetricAlarm = "ALIYUN::CMS::ResourceMetricRule"
	typeLogAlarm    = "ALIYUN::SLS::Alert"
)
