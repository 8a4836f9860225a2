// Command lsm-server serves a store over HTTP, with metrics for Prometheus.
//
//	go run ./cmd/lsm-server --path DIR                    over the student's store
//	go run -tags reference ./cmd/lsm-server --path DIR    over the reference
//
//	curl -X PUT  --data-binary 'red' http://127.0.0.1:8080/kv/apple     204, ETag: "1"
//	curl         http://127.0.0.1:8080/kv/apple                         red
//	curl -X DELETE http://127.0.0.1:8080/kv/apple                       204
//	curl         'http://127.0.0.1:8080/kv?from=a&to=b&limit=10'        a page of keys, JSON
//	curl -X POST --data '{"writes":[{"key":"YQ==","value":"MQ=="}]}' http://127.0.0.1:8080/batch
//	curl         http://127.0.0.1:8080/metrics                          for Prometheus; also /stats, /healthz
//	curl -X POST http://127.0.0.1:8080/flush                            also /compact, /snapshots
//
// One rule says what the learner's tree must have. Without --versions the server needs week 2, up to day 7, and nothing
// of week 3. With it, days 1 to 4 of week 3: then writes have version numbers, batches have conditions, and there are
// snapshots. With --slow, day 5 of week 3. Both are the default over the reference.
//
// Nobody is asked who they are, so the server listens on the loopback interface, unless --expose says otherwise. SIGINT
// and SIGTERM end it: requests that have begun are finished, the store is closed, and the status is 0.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"lsmlab/internal/subject"
)

// flags are the command line.
type flags struct {
	Path        string        `required:"" placeholder:"DIR" help:"Directory of the store. It is made if there is none."`
	Addr        string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one, which is told. Default ${default}."`
	Expose      bool          `help:"Allow an --addr that other machines can reach. There is no authentication: whoever reaches it may read, write and delete everything."`
	Versions    bool          `default:"${versions}" negatable:"" help:"Version numbers, conditions, snapshots. Needs days 1 to 4 of week 3; without it week 2 is enough. Default ${versions}."`
	WAL         string        `name:"wal" default:"written" enum:"off,written,synced,loses-on-kill" help:"How far a write has come when it is acknowledged: off (memory); loses-on-kill (the process); written (the operating system); synced (the disk). Default ${default}."`
	Slow        time.Duration `default:"${slow}" help:"Flushes, compactions and stalls that take so long are told on standard error; 0: none. Needs day 5 of week 3. Default ${slow}."`
	MaxKey      int           `default:"4096" placeholder:"BYTES" help:"Longest key. Default ${default}."`
	MaxValue    int           `default:"1048576" placeholder:"BYTES" help:"Longest value. Default 1 MiB."`
	MaxBody     int64         `default:"4194304" placeholder:"BYTES" help:"Longest body of a batch. Default 4 MiB."`
	MaxScan     int           `default:"1000" placeholder:"N" help:"Most entries of a page. Default ${default}."`
	MaxRequests int           `default:"256" placeholder:"N" help:"Most requests at a time; those beyond get 503. Default ${default}."`
	Grace       time.Duration `default:"10s" help:"How long requests may take to finish when the server is stopped. Default ${default}."`
}

// studentName is the name of the subject whose tasks may not be done yet.
const studentName = "student"

func main() {
	f, err := parse(os.Args[1:])
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop) // a second signal ends the process at once
		switch child := os.Getenv(childEnv) != ""; {
		case subject.Name == studentName && !child:
			os.Exit(guard(ctx, os.Args[1:], os.Stderr))
		case child:
			ctx = guarded(ctx)
		}
		err = run(ctx, f, os.Stdout, os.Stderr)
	}
	if err != nil {
		if !errors.As(err, new(unfinished)) { // of which a stub has told already
			fmt.Fprintln(os.Stderr, "lsm-server:", err)
		}
		os.Exit(1)
	}
}

// parse reads the command line.
func parse(args []string) (f flags, err error) {
	vars := kong.Vars{"versions": "true", "slow": "1s"}
	if subject.Name == studentName {
		vars = kong.Vars{"versions": "false", "slow": "0s"}
	}
	about := kong.Description("Serves the store of the " + subject.Name + " over HTTP, with metrics for Prometheus.")
	parser, err := kong.New(&f, kong.Name("lsm-server"), about, vars)
	if err != nil {
		return f, err
	}
	if _, err = parser.Parse(args); err != nil {
		return f, err
	}
	return f, cmp.Or(f.checkLimits(), checkAddr(f.Addr, f.Expose))
}

// checkLimits refuses limits under which nothing could be done.
func (f flags) checkLimits() error {
	if min(int64(f.MaxKey), int64(f.MaxValue), f.MaxBody, int64(f.MaxScan), int64(f.MaxRequests)) < 1 {
		return errors.New("--max-key, --max-value, --max-body, --max-scan and --max-requests count from 1")
	}
	if min(f.Slow, f.Grace) < 0 {
		return errors.New("--slow and --grace are times from 0 on")
	}
	return nil
}

// checkAddr refuses an address that other machines can reach, unless that is asked for.
func checkAddr(addr string, expose bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || expose || isLoopback(host) {
		return err
	}
	return fmt.Errorf("%q can be reached by other machines, and there is no authentication: --expose, if you mean it", addr)
}

// isLoopback reports whether a host is this machine, seen from itself.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// run serves until ctx ends, and returns when requests are finished and the store is closed.
func run(ctx context.Context, f flags, stdout, stderr io.Writer) (err error) {
	defer recoverTODO(&err)
	listener, err := net.Listen("tcp", f.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, err := open(f, stderr)
	if err != nil {
		return err
	}
	s := newServer(db, f.limits())
	s.exposed = f.Expose
	defer func() {
		if s.failure() == nil { // else a lock may be taken, and closing would wait for it
			err = errors.Join(err, db.close())
		}
	}()
	if f.Expose {
		fmt.Fprintf(stderr, "warning: there is no authentication: whoever reaches %s may read and delete everything\n", listener.Addr())
	}
	fmt.Fprintf(stdout, "%s of the %s\nlistening on http://%s\n", f.Path, subject.Name, listener.Addr())
	return s.serve(ctx, listener, f.Grace)
}

// limits returns what the command line allows.
func (f flags) limits() limits {
	return limits{key: f.MaxKey, value: f.MaxValue, body: f.MaxBody, scan: f.MaxScan, requests: f.MaxRequests}
}

// The times that a client may take. They keep one who sends a byte a minute from holding a connection for ever.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 256 << 10 // holds the longest key, each of whose bytes may be three in an address
)

// serve answers requests until ctx ends or a handler has panicked. Requests that have begun then have grace to end.
func (s *server) serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	srv := s.http()
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	case <-s.broken:
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(patience); err != nil {
		return errors.Join(fmt.Errorf("requests cut off after %v: %w", grace, err), srv.Close(), s.failure())
	}
	return s.failure()
}

// http returns what speaks HTTP for the server.
func (s *server) http() *http.Server {
	return &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
}
