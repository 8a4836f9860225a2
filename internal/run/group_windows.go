package run

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job: a process and its children, with a limit on the memory of each.
type group struct {
	job windows.Handle
	cmd *exec.Cmd
}

// startGroup starts a command and puts it into a job of its own.
func startGroup(cmd *exec.Cmd, memory int64) (*group, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY,
		},
		ProcessMemoryLimit: uintptr(memory),
	}
	g := &group{job: job, cmd: cmd}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		g.close()
		return nil, err
	}
	g.adopt()
	return g, nil
}

// adopt puts the process into the job. Where that fails, kill still ends the process itself.
func (g *group) adopt() {
	const access = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE
	p, err := windows.OpenProcess(access, false, uint32(g.cmd.Process.Pid))
	if err != nil {
		return
	}
	windows.AssignProcessToJobObject(g.job, p)
	windows.CloseHandle(p)
}

// kill ends all of the group. It is no error if nobody is left.
func (g *group) kill() {
	windows.TerminateJobObject(g.job, 1)
	g.cmd.Process.Kill()
}

// close gives back the job.
func (g *group) close() { windows.CloseHandle(g.job) }

// memory returns 0: the job itself refuses what is too much.
func (g *group) memory() int64 { return 0 }
