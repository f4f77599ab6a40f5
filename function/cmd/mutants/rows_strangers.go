package main

import "slices"

// strangers are breakages in what clients that others wrote, and hostile ones, meet in the local cloud.
func strangers() []row {
	local, standIn := rooms+"local/", rooms+"standin/"
	return slices.Concat(
		in(local+"control.go", row{name: "page: null taken for a request",
			from: `if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {`,
			to:   `if false {`,
		}, row{name: "page: what follows a request not looked at",
			from: `case len(bytes.TrimSpace(body[decoder.InputOffset():])) > 0:`,
			to:   `case false:`,
		}),
		in(local+"served.go", row{name: "serve: no cloud loaded in place of one",
			from: `if strings.TrimSpace(wish.Cloud) == "" {`,
			to:   `if strings.TrimSpace(wish.Cloud) == "-" {`,
		}),
		in(standIn+"mns/push.go", row{name: "mns: a push with a header that the vendor's endpoint does not find",
			from: `delete(r.Header, "Content-Md5")`,
			to:   `delete(r.Header, "Content-md5")`,
		}),
		in(standIn+"estate/manage.go", row{name: "estate: a trail with what signed the call",
			from: `if !sign.IsCommon(name) {`,
			to:   `if true {`,
		}),
		in(standIn+"sts/parameters.go", row{name: "sts: a session of a minute",
			from: `r.life < 15*time.Minute`,
			to:   `r.life < time.Minute`,
		}),
	)
}
