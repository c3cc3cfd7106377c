//! The worker's place among the threads of the system: just below the audio thread's.
//!
//! At normal priority a worker beside busy programs gets its turn too late, and the model is silent although it needs
//! a tenth of the time. Above the audio thread it would make the host late. So it follows that thread: what the system grants is
//! taken, and what it refuses is told in the window.

use std::sync::atomic::Ordering;

use crate::telemetry::{Standing, Telemetry};

/// Keeps a thread where it belongs. Lives on the worker's thread.
pub(super) struct Follower {
    /// The audio thread that was followed last.
    followed: u32,
    own: system::Own,
}

impl Follower {
    pub(super) fn new() -> Self {
        Self { followed: 0, own: system::Own::now() }
    }

    /// Takes the place just below the audio thread, when it is another one than last time, or its own again while there is
    /// none, and tells how that went.
    pub(super) fn follow(&mut self, telemetry: &Telemetry) {
        let audio = telemetry.audio_thread.load(Ordering::Relaxed);
        if audio != self.followed {
            self.followed = audio;
            telemetry.standing.store(match audio {
                0 => self.own.stand(),
                _ => self.own.stand_below(audio),
            });
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::Standing;

    /// The niceness that is asked for where real time is refused: what desktops grant to sound.
    const NICE: i32 = -11;

    /// How a thread is scheduled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Class {
        RealTime(i32),
        Normal,
    }

    /// How the thread was scheduled before it followed another.
    pub(super) struct Own {
        nice: i32,
    }

    impl Own {
        /// Of this thread.
        pub(super) fn now() -> Self {
            Self { nice: nice() }
        }

        /// Takes it again.
        pub(super) fn stand(&self) -> Standing {
            set(Class::Normal);
            if nice() != self.nice {
                // SAFETY: takes numbers only; 0 is this thread.
                unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, self.nice) };
            }
            Standing::Unknown
        }

        pub(super) fn stand_below(&self, audio: u32) -> Standing {
            self.stand();
            match class_of(audio as libc::pid_t) {
                None => Standing::Unknown,
                // A bounce, or a host without real time: the same as the host's own.
                Some(Class::Normal) => Standing::AsAudio,
                Some(Class::RealTime(level)) => {
                    // Where the system ends a thread that computes for too long without a pause, an overload would end the host.
                    let is_endless = limit(libc::RLIMIT_RTTIME) == libc::RLIM_INFINITY;
                    if is_endless && below(level).any(|level| set(Class::RealTime(level))) {
                        return Standing::BelowAudio;
                    }
                    // SAFETY: takes numbers only; 0 is this thread.
                    let is_nicer = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) } == 0;
                    if is_nicer { Standing::Raised } else { Standing::Refused }
                }
            }
        }
    }

    /// Of this thread.
    fn nice() -> i32 {
        // SAFETY: takes numbers only; 0 is this thread, for which it cannot fail.
        unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
    }

    /// The levels to ask for: just below, and else the highest that this user may have. None below the lowest, which is the
    /// audio thread's own then.
    fn below(audio: i32) -> impl Iterator<Item = i32> {
        let granted = i32::try_from(limit(libc::RLIMIT_RTPRIO)).unwrap_or(i32::MAX);
        [audio - 1, (audio - 1).min(granted)].into_iter().filter(|level| *level > 0)
    }

    /// `None` when the thread has gone.
    fn class_of(thread: libc::pid_t) -> Option<Class> {
        // SAFETY: all-zero bytes are valid parameters, and the call writes to them only.
        unsafe {
            let mut param: libc::sched_param = std::mem::zeroed();
            let policy = libc::sched_getscheduler(thread);
            if policy < 0 || libc::sched_getparam(thread, &mut param) != 0 {
                return None;
            }
            Some(match policy & !libc::SCHED_RESET_ON_FORK {
                libc::SCHED_FIFO | libc::SCHED_RR => Class::RealTime(param.sched_priority),
                _ => Class::Normal,
            })
        }
    }

    /// Of this thread. Threads that it starts, as those that load models, do not inherit it.
    fn set(class: Class) -> bool {
        let (policy, level) = match class {
            Class::RealTime(level) => (libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, level),
            Class::Normal => (libc::SCHED_OTHER | libc::SCHED_RESET_ON_FORK, 0),
        };
        // SAFETY: all-zero bytes are valid parameters; 0 is this thread.
        unsafe {
            let mut param: libc::sched_param = std::mem::zeroed();
            param.sched_priority = level;
            libc::sched_setscheduler(0, policy, &param) == 0
        }
    }

    /// How far this process may go.
    fn limit(resource: libc::__rlimit_resource_t) -> libc::rlim_t {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: a place for the limit.
        unsafe { libc::getrlimit(resource, &mut limit) };
        limit.rlim_cur
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// In a thread of its own, so that nothing else of the test is moved.
        fn in_a_thread(test: impl FnOnce() + Send + 'static) {
            std::thread::spawn(test).join().expect("the test's own thread");
        }

        /// A thread at this level of real time while `test` runs with its number; does nothing where the system refuses it.
        fn beside(level: i32, test: impl FnOnce(u32) + Send + 'static) {
            in_a_thread(move || {
                if !set(Class::RealTime(level)) {
                    eprintln!("skipped: the system does not grant real time to this user");
                    return;
                }
                // SAFETY: the number of this thread.
                let audio = unsafe { libc::gettid() };
                in_a_thread(move || test(audio as u32));
            });
        }

        #[test]
        fn a_worker_stands_one_level_below_a_real_time_audio_thread_and_takes_its_own_place_again() {
            beside(50, |audio| {
                let own = Own::now();
                assert_eq!(class_of(0), Some(Class::Normal), "it is not inherited");
                assert_eq!(own.stand_below(audio), Standing::BelowAudio);
                assert_eq!(class_of(0), Some(Class::RealTime(49)));
                assert_eq!(own.stand(), Standing::Unknown);
                assert_eq!(class_of(0), Some(Class::Normal));
            });
        }

        #[test]
        fn a_worker_stands_beside_a_normal_audio_thread() {
            in_a_thread(|| {
                // SAFETY: the number of this thread.
                let audio = unsafe { libc::gettid() };
                in_a_thread(move || {
                    let own = Own::now();
                    set(Class::RealTime(49));
                    assert_eq!(own.stand_below(audio as u32), Standing::AsAudio);
                    assert_eq!(class_of(0), Some(Class::Normal));
                });
            });
        }

        #[test]
        fn below_the_lowest_level_of_real_time_there_is_none_but_niceness_which_is_given_back() {
            assert_eq!(below(50).next(), Some(49));
            assert!(below(50).all(|level| level <= 49) && below(1).count() == 0);
            beside(1, |audio| {
                let own = Own::now();
                let standing = own.stand_below(audio);
                assert_eq!(class_of(0), Some(Class::Normal));
                assert!([Standing::Raised, Standing::Refused].contains(&standing), "{standing:?}");
                assert_eq!(nice(), if standing == Standing::Raised { NICE } else { own.nice });
                own.stand();
                assert_eq!(nice(), own.nice);
            });
        }

        #[test]
        fn a_thread_that_has_gone_is_not_followed() {
            in_a_thread(|| assert_eq!(Own::now().stand_below(i32::MAX as u32), Standing::Unknown));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Standing;

    /// How the thread was scheduled before, which comes again by itself only when the thread ends.
    pub(super) struct Own;

    impl Own {
        pub(super) fn now() -> Self {
            Self
        }

        pub(super) fn stand(&self) -> Standing {
            Standing::Unknown
        }

        pub(super) fn stand_below(&self, _audio: u32) -> Standing {
            if raise() { Standing::BelowAudio } else { Standing::Refused }
        }
    }

    /// macOS gives its highest class of quality below real time to who asks for it.
    #[cfg(target_os = "macos")]
    fn raise() -> bool {
        let class = libc::qos_class_t::QOS_CLASS_USER_INTERACTIVE;
        // SAFETY: takes numbers only, and acts on this thread.
        unsafe { libc::pthread_set_qos_class_self_np(class, 0) == 0 }
    }

    /// The multimedia scheduler's class for sound, at the low end of it, where hosts' own threads are not.
    #[cfg(windows)]
    fn raise() -> bool {
        use windows_sys::Win32::System::Threading::{
            AVRT_PRIORITY_LOW, AvSetMmThreadCharacteristicsW, AvSetMmThreadPriority,
        };

        let name: Vec<u16> = "Pro Audio\0".encode_utf16().collect();
        let mut index = 0;
        // SAFETY: the name ends in NUL, and the index has a place; the handle is kept by the thread until it ends.
        unsafe {
            let handle = AvSetMmThreadCharacteristicsW(name.as_ptr(), &mut index);
            !handle.is_null() && AvSetMmThreadPriority(handle, AVRT_PRIORITY_LOW) != 0
        }
    }

    #[cfg(not(any(target_os = "macos", windows)))]
    fn raise() -> bool {
        false
    }
}

/// A number for the calling thread, which [`Follower`] finds it by; never 0. Wait-free.
pub fn this_thread() -> u32 {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: takes nothing and cannot fail.
        unsafe { libc::gettid() as u32 }
    }
    #[cfg(not(target_os = "linux"))]
    {
        1
    }
}
