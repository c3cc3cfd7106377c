//! What the system lets an examiner have.

use std::process::{Command, ExitStatus};

use super::Cause;

/// Before the examiner is started, in the process that starts it.
pub(super) fn prepare(command: &mut Command) {
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        // No console flashes up beside a DAW.
        command.creation_flags(windows_sys::Win32::System::Threading::CREATE_NO_WINDOW);
    }
    #[cfg(not(windows))]
    let _ = command;
}

/// Limits this process: seconds of processor time, and bytes of memory where they are given. A system that refuses leaves
/// the clock of the process that asked.
#[cfg(unix)]
pub(super) fn set(seconds: u64, memory_bytes: Option<u64>) {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes numbers only, and closes what a host may have left open for its children.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32);
        // With the thread that waits for the answer goes who wanted it.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    // A second later the system does not ask again.
    limit(libc::RLIMIT_CPU, seconds, seconds + 1);
    // A crash is told, and no file of it is left.
    limit(libc::RLIMIT_CORE, 0, 0);
    if let Some(bytes) = memory_bytes {
        limit(libc::RLIMIT_AS, bytes, bytes);
    }
}

#[cfg(all(unix, target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
type Resource = libc::c_int;

#[cfg(unix)]
fn limit(resource: Resource, soft: u64, hard: u64) {
    let limit = libc::rlimit { rlim_cur: soft as libc::rlim_t, rlim_max: hard as libc::rlim_t };
    // SAFETY: the limit lives through the call, which only reads it.
    let _ = unsafe { libc::setrlimit(resource, &limit) };
}

/// Ends this process at once.
pub(super) fn leave() -> ! {
    #[cfg(unix)]
    // SAFETY: nothing of this process is used behind it.
    unsafe {
        libc::_exit(0)
    }
    #[cfg(not(unix))]
    std::process::exit(0)
}

/// What an end says. The system ends who is out of its memory as the user ends a program; who is out of processor time
/// gets a signal of its own, a second before that.
#[cfg(unix)]
pub(super) fn cause_of(status: ExitStatus) -> Cause {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(libc::SIGXCPU) => Cause::TimeIsUp,
        Some(libc::SIGKILL | libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT | libc::SIGPIPE) => {
            Cause::Outside
        }
        _ => Cause::Itself,
    }
}

/// Limits this process, as on Unix, by a job object that ends with it.
#[cfg(windows)]
pub(super) fn set(seconds: u64, memory_bytes: Option<u64>) {
    use windows_sys::Win32::System::JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
        JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_LIMIT_PROCESS_TIME, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
        JobObjectExtendedLimitInformation, SetInformationJobObject,
    };
    use windows_sys::Win32::System::Threading::GetCurrentProcess;

    let mut about = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    about.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_PROCESS_TIME | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    // In steps of 100 ns.
    about.BasicLimitInformation.PerProcessUserTimeLimit = (seconds * 10_000_000) as i64;
    if let Some(bytes) = memory_bytes {
        about.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        about.ProcessMemoryLimit = bytes as usize;
    }
    let size = size_of_val(&about) as u32;
    // SAFETY: no name and no security attributes are asked for; the structure is of the kind and size that are named, and
    // lives through the call. The job's handle stays open as long as the process.
    unsafe {
        let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        if job.is_null() {
            return;
        }
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, std::ptr::from_ref(&about).cast(), size);
        AssignProcessToJobObject(job, GetCurrentProcess());
    }
}

/// What an end says.
#[cfg(windows)]
pub(super) fn cause_of(status: ExitStatus) -> Cause {
    match status.code() {
        // ERROR_NOT_ENOUGH_QUOTA: what a job says of a process whose time is up.
        Some(1816) => Cause::TimeIsUp,
        // What the task manager gives, and a console that is closed.
        Some(1) => Cause::Outside,
        Some(code) if code as u32 == 0xC000_013A => Cause::Outside,
        _ => Cause::Itself,
    }
}
