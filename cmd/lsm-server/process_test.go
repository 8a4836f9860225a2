//go:build reference

package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serverEnv makes the test binary be the server.
const serverEnv = "LSMLAB_SERVER"

// TestMain runs the tests, or is the server.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(unfinishedEnv) != "":
		meetTODO()
	case os.Getenv(serverEnv) != "":
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a server in a process of its own.
type process struct {
	*exec.Cmd
	addr   string
	stderr bytes.Buffer
}

// command returns the server with a command line.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	return cmd
}

// start starts a server over a directory and waits until it listens.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: command(append([]string{"--path", dir, "--addr", "127.0.0.1:0"}, args...)...)}
	p.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	if p.addr = addrOf(out); p.addr == "" {
		t.Fatalf("status %d: %s", p.ends(t), &p.stderr)
	}
	return p
}

// addrOf reads what a server prints until it says where it listens; if it ends before, the address is empty.
func addrOf(out io.Reader) string {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if addr, ok := strings.CutPrefix(lines.Text(), "listening on http://"); ok {
			return addr
		}
	}
	return ""
}

// putLate writes the key late, and returns the status.
func putLate(addr string) (int, error) {
	r, err := http.NewRequest("PUT", "http://"+addr+"/kv/late", strings.NewReader("after"))
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// late reads the key late.
func late(t *testing.T, p *process) string {
	t.Helper()
	resp, err := http.Get("http://" + p.addr + "/kv/late")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// ends waits for the process to end and returns its status.
func (p *process) ends(t *testing.T) int {
	t.Helper()
	timer := time.AfterFunc(time.Minute, func() { p.Process.Kill() })
	defer timer.Stop()
	p.Wait()
	return p.ProcessState.ExitCode()
}

// begin sends the header of a PUT and returns when its handler waits for the body.
func begin(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = io.WriteString(conn, "PUT /kv/late HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue")
	_, err = in.ReadString('\n')
	require.NoError(t, err)
	return conn, in
}

// refuses waits until a server takes no more connections.
func refuses(addr string) {
	for {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
	}
}

// A signal ends the server, but not the requests that have begun: they are answered, and what they wrote is there when
// the store is opened again.
func TestProcess_StopsGracefully(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be sent a signal")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "db")
			p := start(t, dir, "--wal", "loses-on-kill", "--slow", "0") // unless the store is closed, this loses
			conn, in := begin(t, p.addr)
			require.NoError(t, p.Process.Signal(signal))
			refuses(p.addr)
			_, err := io.WriteString(conn, "after")
			require.NoError(t, err)
			resp, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, resp.StatusCode)
			require.Zero(t, p.ends(t))
			require.Empty(t, p.stderr.String())

			require.Equal(t, "after", late(t, start(t, dir)))
		})
	}
}

// A request that does not end in time is cut off, and the status says so.
func TestProcess_Grace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be sent a signal")
	}
	p := start(t, t.TempDir(), "--grace", "50ms")
	begin(t, p.addr)
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.Equal(t, 1, p.ends(t))
	require.Contains(t, p.stderr.String(), "cut off after 50ms")
}

// A store that cannot be opened is told, with the reason, and so is an address.
func TestProcess_CannotOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	dir := t.TempDir()
	p := start(t, dir)
	for name, args := range map[string][]string{
		file:             {"--path", file, "--addr", "127.0.0.1:0"},
		"locked":         {"--path", dir, "--addr", "127.0.0.1:0"},
		"already in use": {"--path", t.TempDir(), "--addr", p.addr},
		"--expose":       {"--path", t.TempDir(), "--addr", ":0"},
		"--path":         {},
	} {
		out, err := command(args...).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, name)
		require.Equal(t, 1, exit.ExitCode(), "%s", out)
		require.Contains(t, string(out), "lsm-server: ")
		if name != "already in use" || runtime.GOOS != "windows" { // which says it in other words
			require.Contains(t, string(out), name)
		}
	}
}

// Who exposes the server is warned.
func TestProcess_Warns(t *testing.T) {
	p := start(t, t.TempDir(), "--expose")
	require.NoError(t, p.Process.Kill())
	p.ends(t)
	require.Contains(t, p.stderr.String(), "no authentication")
}
