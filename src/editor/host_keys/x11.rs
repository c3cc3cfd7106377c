//! The keyboard under X11: who had it gets it back, and keys that came to the window go on to the host's.

use std::time::{Duration, Instant};

use egui::Key;
use nih_plug_egui::Frame;
use plugin_ui::keys::HostKey;
use raw_window_handle::{HasWindowHandle, RawWindowHandle};
use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt, EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyButMask, KeyPressEvent,
    MapState,
};
use x11rb::rust_connection::RustConnection;

/// A key that comes again so soon is one that the host has handed on to its plugin's window (XEmbed does): no hand is so
/// quick, and no keyboard repeats so fast.
const ECHO: Duration = Duration::from_millis(20);

/// The answer of the X server that the keyboard follows the pointer, or is nobody's.
const NO_WINDOW: u32 = 1;

/// A connection of our own: the framework's keeps its events to itself.
pub struct Session {
    connection: RustConnection,
    root: u32,
    window: u32,
    /// Who had the keyboard when the pointer came in, before a click took it away.
    before: Option<u32>,
    is_pointer_here: bool,
    had_use: bool,
    sent: Option<(Key, bool, Instant)>,
    /// Keys that went down and to the host, until they come up.
    down: Vec<Key>,
    /// Codes of the keyboard's keys: the first, how many symbols each has, and all symbols.
    keyboard: (u8, usize, Vec<u32>),
}

impl Session {
    /// None where the window has no X server, or is nobody's guest.
    pub fn open(frame: &Frame) -> Option<Self> {
        let window = match frame.baseview_window().window_handle().ok()?.as_raw() {
            RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok()?,
            RawWindowHandle::Xcb(handle) => handle.window.get(),
            _ => return None,
        };
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let mapping = connection.get_keyboard_mapping(first, last.saturating_sub(first) + 1).ok()?.reply().ok()?;
        let keyboard = (first, usize::from(mapping.keysyms_per_keycode), mapping.keysyms);
        Some(Self {
            connection,
            root,
            window,
            before: None,
            is_pointer_here: false,
            had_use: false,
            sent: None,
            down: Vec::new(),
            keyboard,
        })
    }

    /// Notes who has the keyboard when the pointer comes in.
    pub fn look(&mut self, is_pointer_here: bool) {
        if is_pointer_here && !self.is_pointer_here {
            let focus = self.connection.get_input_focus().ok().and_then(|asked| asked.reply().ok());
            if let Some(focus) = focus.map(|focus| focus.focus).filter(|&focus| focus != self.window) {
                self.before = Some(focus);
            }
        }
        self.is_pointer_here = is_pointer_here;
    }

    /// A key of the host's goes to it. What does not arrive is a key that did nothing; there is nobody to tell.
    pub fn send(&mut self, HostKey { key, is_down, modifiers }: HostKey) {
        let now = Instant::now();
        if self.sent.is_some_and(|(last, was_down, at)| last == key && was_down == is_down && now - at < ECHO) {
            return;
        }
        // A key that went down in the window comes up in it.
        if !is_down && !self.down.contains(&key) {
            return;
        }
        let (Some(code), Ok(to)) = (self.code(key), self.host()) else { return };
        if to == self.window {
            return;
        }
        if is_down && !self.down.contains(&key) {
            self.down.push(key);
        } else if !is_down {
            self.down.retain(|&other| other != key);
        }
        let mut state = KeyButMask::default();
        for (is_held, mask) in [
            (modifiers.shift, KeyButMask::SHIFT),
            (modifiers.ctrl, KeyButMask::CONTROL),
            (modifiers.alt, KeyButMask::MOD1),
        ] {
            if is_held {
                state |= mask;
            }
        }
        let (kind, mask) =
            if is_down { (KEY_PRESS_EVENT, EventMask::KEY_PRESS) } else { (KEY_RELEASE_EVENT, EventMask::KEY_RELEASE) };
        let event = KeyPressEvent {
            response_type: kind,
            detail: code,
            sequence: 0,
            time: x11rb::CURRENT_TIME,
            root: self.root,
            event: to,
            child: x11rb::NONE,
            root_x: 0,
            root_y: 0,
            event_x: 0,
            event_y: 0,
            state,
            same_screen: true,
        };
        let sent = self.connection.send_event(true, to, mask, event).is_ok() && self.connection.flush().is_ok();
        if sent {
            self.sent = Some((key, is_down, now));
        }
    }

    /// `has_use`: whether anything in the window listens to keys; `is_pressed`: whether a key is down, or a button of the
    /// pointer in a gesture that modifiers change.
    pub fn settle(&mut self, frame: &Frame, has_use: bool, is_pressed: bool) {
        let window = frame.baseview_window();
        let is_new = has_use && !self.had_use;
        self.had_use = has_use;
        if is_new && !window.has_focus() {
            // A field that opened by itself. Where that fails it stays closed to the keyboard until it is clicked.
            let _ = window.focus();
        } else if !has_use && !is_pressed && window.has_focus() {
            let _ = self.give_back();
        }
    }

    fn give_back(&self) -> Result<(), ReplyError> {
        let to = match self.before {
            Some(nobody) if nobody <= NO_WINDOW && self.top_of(self.window)? != self.window => nobody,
            _ => self.host()?,
        };
        if to != self.window {
            self.connection.set_input_focus(InputFocus::POINTER_ROOT, to, x11rb::CURRENT_TIME)?.check()?;
        }
        Ok(())
    }

    /// Who gets keys: the window that had the keyboard before if it is the host's and still there, else the host's own.
    fn host(&self) -> Result<u32, ReplyError> {
        let top = self.top_of(self.window)?;
        let Some(before) = self.before else { return Ok(top) };
        if before <= NO_WINDOW {
            return Ok(if top == self.window { top } else { self.parent_of(self.window)?.unwrap_or(top) });
        }
        let is_there =
            self.connection.get_window_attributes(before)?.reply().is_ok_and(|a| a.map_state == MapState::VIEWABLE);
        Ok(if is_there && self.top_of(before)? == top { before } else { top })
    }

    fn parent_of(&self, window: u32) -> Result<Option<u32>, ReplyError> {
        let parent = self.connection.query_tree(window)?.reply()?.parent;
        Ok((parent != self.root && parent != x11rb::NONE).then_some(parent))
    }

    /// The window that the window manager knows: the one with its mark, else the outermost.
    fn top_of(&self, window: u32) -> Result<u32, ReplyError> {
        let mark = self.connection.intern_atom(true, b"WM_STATE")?.reply()?.atom;
        let mut at = window;
        loop {
            if mark != x11rb::NONE {
                let state = self.connection.get_property(false, at, mark, AtomEnum::ANY, 0, 0)?.reply()?;
                if state.type_ != x11rb::NONE {
                    return Ok(at);
                }
            }
            match self.parent_of(at)? {
                Some(parent) => at = parent,
                None => return Ok(at),
            }
        }
    }

    /// The keyboard's code of a key.
    fn code(&self, key: Key) -> Option<u8> {
        let (first, each, symbols) = &self.keyboard;
        let symbol = symbol(key)?;
        let place = symbols.chunks(*each).position(|of_key| of_key.contains(&symbol))?;
        u8::try_from(usize::from(*first) + place).ok()
    }
}

/// A key's X symbol (`X11/keysymdef.h`).
fn symbol(key: Key) -> Option<u32> {
    let name = key.name();
    if let [byte @ (b'A'..=b'Z' | b'0'..=b'9')] = name.as_bytes() {
        return Some(u32::from(byte.to_ascii_lowercase()));
    }
    if let Some(number) =
        name.strip_prefix('F').and_then(|number| number.parse::<u32>().ok()).filter(|n| (1..=35).contains(n))
    {
        return Some(0xffbe + number - 1);
    }
    Some(match key {
        Key::Space => 0x20,
        Key::Backspace => 0xff08,
        Key::Tab => 0xff09,
        Key::Enter => 0xff0d,
        Key::Escape => 0xff1b,
        Key::Home => 0xff50,
        Key::ArrowLeft => 0xff51,
        Key::ArrowUp => 0xff52,
        Key::ArrowRight => 0xff53,
        Key::ArrowDown => 0xff54,
        Key::PageUp => 0xff55,
        Key::PageDown => 0xff56,
        Key::End => 0xff57,
        Key::Insert => 0xff63,
        Key::Delete => 0xffff,
        Key::Plus => 0x2b,
        Key::Minus => 0x2d,
        Key::Equals => 0x3d,
        Key::Comma => 0x2c,
        Key::Period => 0x2e,
        Key::Slash => 0x2f,
        Key::Semicolon => 0x3b,
        Key::OpenBracket => 0x5b,
        Key::CloseBracket => 0x5d,
        Key::Backslash => 0x5c,
        Key::Backtick => 0x60,
        Key::Quote => 0x27,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_transport_has_its_symbol() {
        assert_eq!(symbol(Key::Space), Some(0x20));
        assert_eq!(symbol(Key::R), Some(0x72));
        assert_eq!(symbol(Key::Num0), Some(0x30));
        assert_eq!((symbol(Key::F1), symbol(Key::F12)), (Some(0xffbe), Some(0xffc9)));
        assert_eq!(symbol(Key::F), Some(0x66));
    }
}
