package run

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
)

// RaceDetector reports whether programs can be built with the race detector here: it needs cgo, a C compiler, and a
// platform that it knows. Where not, why says what is missing.
func RaceDetector(ctx context.Context) (ok bool, why string) {
	if !raceKnows(runtime.GOOS, runtime.GOARCH) {
		return false, "the race detector does not know " + runtime.GOOS + "/" + runtime.GOARCH
	}
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) == 0 || fields[0] != "1" {
		return false, "the race detector needs cgo, which is off"
	}
	if len(fields) > 1 {
		if _, err := exec.LookPath(fields[1]); err != nil {
			return false, "the race detector needs a C compiler, and there is no " + fields[1]
		}
	}
	return true, ""
}

// raceKnows reports whether the race detector exists for a platform.
func raceKnows(system, machine string) bool {
	switch system {
	case "linux":
		return machine == "amd64" || machine == "arm64" || machine == "ppc64le" || machine == "s390x" || machine == "loong64"
	case "darwin":
		return machine == "amd64" || machine == "arm64"
	case "windows", "freebsd", "netbsd":
		return machine == "amd64"
	}
	return false
}
