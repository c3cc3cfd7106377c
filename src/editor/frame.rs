//! The open window as the framework holds it: what it forwards, when it is closed, and what its frames cost.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nice_plug_core::editor::dpi::NativeSize;
use nice_plug_core::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};

use nih_plug_egui::{EguiEditorHandle, baseview};
use parking_lot::Mutex;

use super::shell::{Face, Shell};
use crate::telemetry::AtomicF32;

/// Wider and higher than any window, logical pixels.
pub const MOST_POINTS: f64 = 8192.0;

/// Names a file to which each window adds a line of JSON when it closes: when its first frame was there, and what frames
/// cost. For `docs/performance.md`.
const TIMES: &str = "TIMBRELOOM_WINDOW_TIMES";

/// An open window; dropping it closes the instance's side of it.
pub struct Handle<F: Face> {
    inner: EguiEditorHandle,
    shell: Arc<Mutex<Shell<F>>>,
    scale: Arc<AtomicF32>,
}

impl<F: Face> Handle<F> {
    pub(super) fn new(inner: EguiEditorHandle, shell: Arc<Mutex<Shell<F>>>, scale: Arc<AtomicF32>) -> Self {
        Self { inner, shell, scale }
    }
}

impl<F: Face> Drop for Handle<F> {
    fn drop(&mut self) {
        self.shell.lock().close();
    }
}

impl<F: Face> EditorHandle for Handle<F> {
    type Window = baseview::Window;
    type Error = baseview::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        EguiEditorHandle::run_until_closed(window)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_parent(parent, window)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.show(window)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.hide(window)
    }

    fn set_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_size(new_size, window)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        self.inner.host_main_thread_callback(window);
    }

    fn adjust_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(new_size, window)
    }

    fn set_fallback_scale_factor(&self, scale_factor: f64, window: &Self::Window) -> Result<(), Self::Error> {
        self.scale.store(scale_factor as f32);
        self.inner.set_fallback_scale_factor(scale_factor, window)
    }

    fn on_virtual_key_from_host(&self, key: VirtualKeyCode, is_down: bool, modifiers: Modifiers) -> bool {
        self.inner.on_virtual_key_from_host(key, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.inner.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalised: f32) {
        self.inner.param_value_changed(id, normalised);
    }

    fn param_modulation_changed(&self, id: &str, offset: f32) {
        self.inner.param_modulation_changed(id, offset);
    }
}

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
