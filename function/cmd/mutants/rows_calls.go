package main

import "slices"

// calls are breakages in how a call is made.
func calls() []row {
	return slices.Concat(
		in(paceRoom+"pace.go", row{name: "transient errors not retried",
			from: `if err == nil || p.Retryable == nil || !p.Retryable(err) || try >= p.Tries && !c.Patient {`,
			to:   `if true {`,
		}, row{name: "endless wait for a throttle",
			from: `if pause > maxPause || limited`,
			to:   `if limited`,
		}),
		in(paceRoom+"quota.go", row{name: "no pace",
			from: `g.limiter.ReserveN(now, 1)`,
			to:   `g.limiter.ReserveN(now, 0)`,
		}, row{name: "throttles not learnt from",
			from: `g.share = max(g.share/2, leastShare)`,
			to:   ``,
		}, row{name: "turned away all at once",
			from: `g.latest = g.latest.Add(step)`,
			to:   ``,
		}),
	)
}

// adapters are breakages in how the services are reached.
func adapters() []row {
	return slices.Concat(
		in(rooms+"mns/send.go", row{name: "half a batch taken for all",
			from: `if entry.ErrorCode == "" {`,
			to:   `if true {`,
		}, row{name: "a batch taken in part sent again as a whole",
			from: `if len(answer.Messages) == len(messages) {`,
			to:   `if err == nil {`,
		}),
		in(rooms+"mns/batches.go", row{name: "messages sent without measuring them",
			from: `if bytes := size(m); bytes > maxBody {`,
			to:   `if bytes := size(m); false {`,
		}, row{name: "a refused message that takes its batch with it",
			from: `if half := len(untaken) / 2; half > 0 {`,
			to:   `if half := 0; half > 0 {`,
		}, row{name: "halves of a batch when the queue is at fault",
			from: `if !errors.As(err, &api) || !refusesMessage(api) {`,
			to:   `if !errors.As(err, &api) {`,
		}),
		in(rooms+"mns/mns.go", row{name: "answers of Message Service without a limit",
			from: "\t\tMaxResponseBodySize:       aliyun.MaxAnswer,",
			to:   "\t\t",
		}, row{name: "publishing repeated by the SDK",
			from: "\tclient.SetTransport(over)\n",
			to:   "\n",
		}),
		in(rooms+"cbn/cbn.go", row{name: "empty answer taken for a success",
			from: `if err == nil && id == "" {`,
			to:   `if false {`,
		}),
		in(rooms+"app/app.go", row{name: "credentials of the start kept",
			from: `a.credentials.Set(key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)`,
			to:   `_ = key`,
		}),
	)
}

// clients are breakages in what the adapters share.
func clients() []row {
	return slices.Concat(
		in(rooms+"aliyun/roles.go", row{name: "a role assumed for every call",
			from: `return !time.Now().Before(s.until)`,
			to:   `return true`,
		}, row{name: "a refused session kept",
			from: "\tr.drop(account, used)\n",
			to:   "\n",
		}, row{name: "a new session dropped with the old one",
			from: `if r.sessions[account] == s {`,
			to:   `if true {`,
		}, row{name: "every call waits for an STS that hangs",
			from: `s.until = time.Now().Add(min(api.RetryAfter, mostBelieved))`,
			to:   `s.until = time.Time{}`,
		}),
		in(rooms+"aliyun/http.go", row{name: "redirects followed",
			from: `return http.ErrUseLastResponse`,
			to:   `return nil`,
		}, row{name: "redirects taken for a success",
			from: `if IsRedirect(response.StatusCode) {`,
			to:   `if false {`,
		}, row{name: "answers without a limit",
			from: `http.MaxBytesReader(nil, response.Body, MaxAnswer)`,
			to:   `response.Body`,
		}, row{name: "calls through a proxy of the environment",
			from: `Proxy:               nil,`,
			to:   `Proxy:               http.ProxyFromEnvironment,`,
		}),
		in(rooms+"app/environment.go", row{name: "tokens written to the log by the SDKs",
			from: `if slices.Contains([]string{"dara", "tea", "credential"}, word) {`,
			to:   `if word == "" {`,
		}),
	)
}
