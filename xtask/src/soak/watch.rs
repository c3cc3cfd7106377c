//! What this process holds and what the others on the machine take, as Linux counts it.

use std::collections::HashMap;
use std::fs;

/// What must not grow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Holding {
    /// Memory that is resident, bytes.
    pub(super) resident_bytes: u64,
    /// Memory that was allocated and not freed, bytes: unlike what is resident it does not depend on how the allocator's
    /// pools are cut up.
    pub(super) allocated_bytes: u64,
    pub(super) threads: u64,
    pub(super) files: u64,
}

impl Holding {
    /// What is held when the allocator has given back its spare pages: else what is resident is the peaks of all threads
    /// that ever were, up to eight pools for each processor, and says nothing of what is kept.
    pub(super) fn now() -> Self {
        give_back();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let count = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
        };
        Self {
            resident_bytes: count("VmRSS:") * 1024,
            allocated_bytes: allocated_bytes(),
            threads: count("Threads:"),
            // One of them is the folder that is read.
            files: fs::read_dir("/proc/self/fd").map_or(0, |files| files.count().saturating_sub(1) as u64),
        }
    }
}

#[cfg(target_env = "gnu")]
fn give_back() {
    // SAFETY: it only returns free pages to the system, under the allocator's locks.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
fn give_back() {}

#[cfg(target_env = "gnu")]
fn allocated_bytes() -> u64 {
    // SAFETY: it reads the allocator's own counts, under its locks.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}

#[cfg(not(target_env = "gnu"))]
fn allocated_bytes() -> u64 {
    0
}

/// Processor time since the machine's start, clock ticks: of all processors together.
#[derive(Clone, Default)]
pub(super) struct Ticks {
    all: u64,
    busy: u64,
    own: u64,
    /// In which the machine's host ran something else.
    stolen: u64,
    /// Of each of this process's threads with a real-time priority, by its number.
    urgent: HashMap<u32, u64>,
}

/// Shares of processor time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shares {
    /// Of all processors' time: this process's, and everybody else's.
    pub(super) own: f64,
    pub(super) others: f64,
    /// Of one processor's time, taken by real-time threads of this process: on average, or by the busiest if that is more.
    pub(super) urgent: f64,
    /// Whether the machine's host took a processor away for a hundredth of a second in all, as far as it says so.
    pub(super) is_stolen: bool,
}

impl Ticks {
    /// `helper`: a process whose time is counted with this one's.
    pub(super) fn now(helper: Option<u32>) -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let first = stat.lines().next().unwrap_or_default();
        // user nice system idle iowait irq softirq steal; guests are counted in user.
        let counts: Vec<u64> = first.split_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
        let idle: u64 = counts.iter().skip(3).take(2).sum();
        let all: u64 = counts.iter().sum();
        let helpers = helper.map_or(0, |id| Usage::of(&format!("/proc/{id}/stat")).ticks);
        let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let urgent = tasks.filter_map(|task| {
            let usage = Usage::of(&task.path().join("stat").to_string_lossy());
            Some((task.file_name().to_str()?.parse().ok()?, usage.ticks)).filter(|_| usage.is_urgent)
        });
        let (own, stolen) = (Usage::of("/proc/self/stat").ticks + helpers, counts.get(7).copied().unwrap_or(0));
        Self { all, busy: all - idle, own, stolen, urgent: urgent.collect() }
    }

    pub(super) fn shares_since(&self, earlier: &Self) -> Shares {
        let all = self.all.saturating_sub(earlier.all).max(1) as f64;
        let own = self.own.saturating_sub(earlier.own) as f64;
        let busy = self.busy.saturating_sub(earlier.busy) as f64;
        let since = |(id, ticks): (&u32, &u64)| ticks.saturating_sub(*earlier.urgent.get(id).unwrap_or(ticks)) as f64;
        let all_urgent: f64 = self.urgent.iter().map(since).sum();
        let busiest = self.urgent.iter().map(since).fold(0.0, f64::max);
        let processors = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        Shares {
            own: own / all,
            others: ((busy - own) / all).max(0.0),
            urgent: (all_urgent / all).max(busiest * processors / all),
            is_stolen: self.stolen > earlier.stolen,
        }
    }
}

/// What a process or a thread has used.
#[derive(Default)]
struct Usage {
    ticks: u64,
    is_urgent: bool,
}

impl Usage {
    fn of(stat: &str) -> Self {
        let text = fs::read_to_string(stat).unwrap_or_default();
        // The name, in brackets, may hold spaces; user and system time are the 14th and 15th fields, the real-time priority
        // is the 40th.
        let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let fields: Vec<u64> = fields.skip(1).map(|field| field.parse().unwrap_or(0)).collect();
        let field = |number: usize| fields.get(number - 4).copied().unwrap_or(0);
        Self { ticks: field(14) + field(15), is_urgent: field(40) > 0 }
    }
}

/// The priority that hosts give their audio threads, and one above it.
pub(super) const AUDIO: i32 = 70;
pub(super) const ABOVE_AUDIO: i32 = 80;

/// Gives the calling thread a real-time priority; false where the system does not let it.
pub(super) fn take_real_time_priority(level: i32) -> bool {
    let param = libc::sched_param { sched_priority: level };
    // SAFETY: the calling thread is alive, and the parameter is only read.
    unsafe { libc::pthread_setschedparam(libc::pthread_self(), libc::SCHED_FIFO, &raw const param) == 0 }
}

/// The processors that this process may use.
pub(super) fn processors() -> Vec<usize> {
    // SAFETY: a set of bits, for which all zeros is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: 0 is this thread, and the set is as large as is said.
    unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) };
    // SAFETY: the numbers are within the set.
    (0..libc::CPU_SETSIZE as usize).filter(|&number| unsafe { libc::CPU_ISSET(number, &set) }).collect()
}

/// Binds the calling thread to a processor; false where the system does not let it.
pub(super) fn stay_on(processor: usize) -> bool {
    // SAFETY: a set of bits, for which all zeros is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `CPU_SET` checks the number; 0 is this thread, and the set is only read.
    unsafe {
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) == 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn memory_that_is_held_and_files_that_are_open_are_counted() {
        let before = Holding::now();
        let kept = vec![1u8; 32 << 20];
        let open = || fs::File::open("/proc/self/status").expect("there is a /proc");
        let files: Vec<fs::File> = (0..50).map(|_| open()).collect();
        let after = Holding::now();
        assert!(after.allocated_bytes >= before.allocated_bytes + (31 << 20) || cfg!(not(target_env = "gnu")));
        assert!(after.files > before.files + 30 && after.threads >= 1 && after.resident_bytes > 32 << 20);
        drop((kept, files));
    }

    #[test]
    fn processor_time_is_told_apart_by_who_took_it() {
        let before = Ticks::now(None);
        let until = Instant::now() + Duration::from_millis(300);
        while Instant::now() < until {
            std::hint::black_box(0);
        }
        let shares = Ticks::now(None).shares_since(&before);
        assert!(shares.own > 0.0 && shares.own <= 1.1 && shares.others >= 0.0, "{shares:?}");
        // This thread is not urgent; other tests' may be.
        assert!(shares.urgent < 0.5, "{shares:?}");
        let me = Ticks::now(Some(std::process::id()));
        assert!(me.own >= 2 * before.own, "a helper's time is counted too");
    }
}
