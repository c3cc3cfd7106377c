//! Hands the keyboard back to the host, and the keys that the window has no use for.
//!
//! A click gives an embedded window the keyboard (the framework asks for it, and text needs it), and under X11 all keys then
//! end in it. macOS and Windows ask for each key whether it was of use; [`Frame::set_key_capture`] answers there.

#[cfg(target_os = "linux")]
mod x11;

use egui::Context;
use nih_plug_egui::{Frame, Key, KeyCapture};
use plugin_ui::keys::{self, HostKey, Reach};

/// What stands between the window's keyboard and the host's; the default, of a window without a host, keeps all keys.
#[derive(Default)]
pub struct HostKeys {
    is_guest: bool,
    #[cfg(target_os = "linux")]
    x11: Option<x11::Session>,
    /// What the window takes, as its last frame left it.
    reach: Reach,
}

impl HostKeys {
    /// For a window that has just been made.
    pub fn new(frame: &Frame) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = frame;
        Self {
            is_guest: true,
            #[cfg(target_os = "linux")]
            x11: x11::Session::open(frame),
            reach: Reach::Nothing,
        }
    }

    /// Before a frame is painted: the host's keys go to it.
    pub fn hand_over(&mut self, context: &Context) {
        if !self.is_guest {
            return;
        }
        let hosts = keys::take_hosts(context, self.reach);
        #[cfg(target_os = "linux")]
        if let Some(x11) = &mut self.x11 {
            let is_here = context.input(|input| input.pointer.has_pointer());
            x11.look(is_here);
            hosts.into_iter().for_each(|key: HostKey| x11.send(key));
            return;
        }
        // Elsewhere the framework leaves them to the host by itself.
        drop::<Vec<HostKey>>(hosts);
    }

    /// After it: the keyboard goes where it is wanted.
    pub fn settle(&mut self, context: &Context, frame: &mut Frame) {
        if !self.is_guest {
            return;
        }
        let reach = keys::reach(context);
        #[cfg(target_os = "linux")]
        if let Some(x11) = &mut self.x11 {
            // A key that went down in the window also comes up in it.
            let is_pressed = context.input(|input| input.pointer.any_down() || !input.keys_down.is_empty());
            x11.settle(frame, reach > Reach::Nothing, is_pressed);
        }
        if std::mem::replace(&mut self.reach, reach) != reach {
            frame.set_key_capture(match reach {
                Reach::Text => KeyCapture::CaptureAll,
                Reach::Nothing => KeyCapture::IgnoreAll,
                Reach::Controls | Reach::Letters => KeyCapture::IgnoreKeys(always_hosts()),
            });
        }
    }
}

/// What goes to the host even where a control has the keyboard, in the framework's words.
fn always_hosts() -> Vec<Key> {
    let functions = (1..=12).filter_map(|n| format!("F{n}").parse().ok());
    functions.chain([Key::Character(" ".into())]).collect()
}
