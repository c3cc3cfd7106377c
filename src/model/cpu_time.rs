//! How long a thread has worked, whatever else the computer does meanwhile.

use std::time::{Duration, Instant};

/// Measures work of one thread.
pub(super) struct Stopwatch {
    began: Instant,
    worked: Option<Duration>,
}

impl Stopwatch {
    /// Counts this thread's work from here on.
    pub(super) fn of_work() -> Self {
        Self { began: Instant::now(), worked: of_this_thread() }
    }

    /// Counts all time from here on: of work that is done elsewhere, as on a card.
    pub(super) fn of_time() -> Self {
        Self { began: Instant::now(), worked: None }
    }

    /// What was counted; where the system does not say how long a thread has worked, all time.
    pub(super) fn elapsed(&self) -> Duration {
        let worked = self.worked.and_then(|before| of_this_thread()?.checked_sub(before));
        worked.unwrap_or_else(|| self.began.elapsed())
    }
}

/// The processor's time that this thread has had since it began; `None` where the system does not say.
#[cfg(unix)]
fn of_this_thread() -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it fills the structure that it is given.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    (answer == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// The processor's time that this thread has had since it began, in steps of 16 ms; `None` where the system does not say.
#[cfg(windows)]
fn of_this_thread() -> Option<Duration> {
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::Threading::{GetCurrentThread, GetThreadTimes};

    let none = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let [mut began, mut ended, mut kernel, mut user] = [none; 4];
    // SAFETY: the handle of this thread is always valid, and the four structures are filled.
    let answer = unsafe { GetThreadTimes(GetCurrentThread(), &mut began, &mut ended, &mut kernel, &mut user) };
    let steps = |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    // In steps of 100 ns.
    (answer != 0).then(|| Duration::from_nanos((steps(kernel) + steps(user)) * 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_counts_and_waiting_does_not() {
        if of_this_thread().is_none() {
            return;
        }
        let (work, time) = (Stopwatch::of_work(), Stopwatch::of_time());
        std::thread::sleep(Duration::from_millis(300));
        assert!(work.elapsed() < Duration::from_millis(200) && time.elapsed() >= Duration::from_millis(300));
        let (work, mut sum) = (Stopwatch::of_work(), 0u64);
        while work.elapsed() < Duration::from_millis(50) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
