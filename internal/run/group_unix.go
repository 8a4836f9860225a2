//go:build unix

package run

import (
	"os/exec"
	"syscall"
)

// group is a process and its children.
type group struct{ pid int }

// startGroup starts a command as the leader of a process group.
func startGroup(cmd *exec.Cmd, memory int64) (*group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &group{pid: cmd.Process.Pid}, nil
}

// kill kills all of the group. It is no error if nobody is left.
func (g *group) kill() { syscall.Kill(-g.pid, syscall.SIGKILL) }

// close gives back what the group holds.
func (g *group) close() {}
