//! The frames of an open window: how large it may be, that they go on, and what they cost.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Wider and higher than any window, logical pixels.
pub const MOST_POINTS: f64 = 8192.0;

/// Names a file to which each window adds a line of JSON when it closes: when its first frame was there, and what frames
/// cost. For `docs/performance.md`.
const TIMES: &str = "TIMBRELOOM_WINDOW_TIMES";

/// A window that has not painted for so long although it looks for changes ten times a second has stopped.
const STOPPED: Duration = Duration::from_millis(300);

/// How often the framework looks whether somebody asks for a frame by its notifier, under X11. It asks so itself at the
/// start, and a frame that is asked for before the window is mapped is answered to nobody and waited for ever (baseview
/// 0.4.2, `handle_present_notify` before `present_select_input`): on a busy machine every other window stayed black. The
/// first frame comes with the mapping, all others are asked for by the one before, or by [`watch`].
pub const NEVER: Duration = Duration::from_secs(86_400);

/// Sees that a window goes on painting once it has begun. The framework drops a frame where the X server tells of a time
/// that is not after the last one, and paints no more until somebody moves the pointer (baseview 0.4.2,
/// `handle_present_complete_notify`).
pub fn watch(frames: Arc<AtomicU32>, context: egui::Context) -> impl FnMut() + Send + 'static {
    let before = frames.load(Ordering::Relaxed);
    let (mut seen, mut since) = (before, Instant::now());
    move || {
        let painted = frames.load(Ordering::Relaxed);
        if painted != seen || since.elapsed() > STOPPED {
            if painted == seen && painted != before {
                context.request_repaint();
            }
            (seen, since) = (painted, Instant::now());
        }
    }
}

/// What the frames of one window cost.
#[derive(Default)]
pub struct Times {
    built: Option<Instant>,
    first_frame: Option<Duration>,
    frames: u32,
    work: Duration,
    longest: Duration,
}

impl Times {
    /// The window's GL context is there.
    pub fn begin() -> Self {
        Self { built: Some(Instant::now()), ..Self::default() }
    }

    /// The CPU time of this thread, where the system tells.
    #[cfg(unix)]
    pub fn now() -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the clock writes into `time`, which lives here.
        let told = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        if told == 0 { Duration::new(time.tv_sec as u64, time.tv_nsec as u32) } else { Duration::ZERO }
    }

    /// The CPU time of this thread: not told here.
    #[cfg(not(unix))]
    pub fn now() -> Duration {
        Duration::ZERO
    }

    /// A frame was laid out that began at `began`.
    pub fn note(&mut self, began: Duration) {
        let work = Self::now().saturating_sub(began);
        self.first_frame = self.first_frame.or(self.built.map(|built| built.elapsed()));
        self.frames += 1;
        self.work += work;
        self.longest = self.longest.max(work);
    }

    /// Adds a line to the file, if one is named.
    pub fn tell(&mut self) {
        let times = std::mem::take(self);
        let Some(path) = std::env::var_os(TIMES).filter(|_| times.frames > 0) else { return };
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let line = serde_json::json!({
            "first_frame_ms": times.first_frame.map(ms),
            "frames": times.frames,
            "mean_ms": ms(times.work) / f64::from(times.frames),
            "longest_ms": ms(times.longest),
        });
        if let Ok(mut file) = std::fs::File::options().create(true).append(true).open(path) {
            // Nobody waits for it.
            let _ = writeln!(file, "{line}");
        }
    }
}
