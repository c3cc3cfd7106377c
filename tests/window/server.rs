//! An X server without a screen, and a window on it with a hand and an eye.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _,
    CreateWindowAux, EventMask, ImageFormat, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
    WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Pixels of the screen: more than any window of these tests.
const SCREEN: &str = "1920x1200x24";

/// Colours from which a picture is one: an empty window has one, a window with text has shades of it.
const COLOURS: usize = 24;

/// Xvfb on a display that it chooses itself; ends with this value.
pub struct Server {
    child: Child,
    display: String,
}

impl Server {
    /// Starts it; the error says why the window cannot be tried here.
    pub fn start() -> Result<Self, String> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "+extension", "GLX", "-noreset"]);
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child =
            spawned.map_err(|error| format!("Xvfb cannot be started ({error}). Install the package xvfb."))?;
        let mut number = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut number).unwrap();
        }
        let server = Self { child, display: format!(":{}", number.trim()) };
        let (connection, _) = x11rb::connect(Some(&server.display))
            .map_err(|error| format!("Xvfb was started and does not answer ({error})."))?;
        let has_gl = connection.extension_information("GLX").is_ok_and(|extension| extension.is_some());
        if has_gl { Ok(server) } else { Err("this Xvfb has no OpenGL (GLX).".into()) }
    }

    /// The number of its process.
    #[allow(dead_code, reason = "the soak counts its time")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As in `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A window at the screen's corner for the plugin's.
pub struct Screen {
    connection: RustConnection,
    root: u32,
    window: u32,
    size: Cell<[u32; 2]>,
}

impl Screen {
    pub fn open([width, height]: [u32; 2]) -> Self {
        let (connection, index) = x11rb::connect(None).unwrap();
        let (screen, window) = (connection.setup().roots[index].clone(), connection.generate_id().unwrap());
        let looks = CreateWindowAux::new().background_pixel(screen.black_pixel).override_redirect(1);
        connection
            .create_window(
                screen.root_depth,
                window,
                screen.root,
                0,
                0,
                width as u16,
                height as u16,
                0,
                WindowClass::INPUT_OUTPUT,
                screen.root_visual,
                &looks,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection.sync().unwrap();
        Self { connection, root: screen.root, window, size: Cell::new([width, height]) }
    }

    pub fn window(&self) -> u32 {
        self.window
    }

    pub fn resize(&self, [width, height]: [u32; 2]) {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(self.window, &size).unwrap();
        self.connection.sync().unwrap();
        self.size.set([width, height]);
    }

    pub fn clear(&self) {
        self.connection.clear_area(false, self.window, 0, 0, 0, 0).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn move_to(&self, [x, y]: [i16; 2]) {
        self.fake(MOTION_NOTIFY_EVENT, 0, [x, y]);
    }

    /// The first button of the pointer.
    pub fn press(&self, is_down: bool) {
        self.fake(if is_down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, 1, [0, 0]);
    }

    /// The keyboard is this window's, as a host's when the musician works in it, and its keys are kept for [`Screen::keys`].
    pub fn listen(&self) {
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::KEY_PRESS | EventMask::KEY_RELEASE);
        self.connection.change_window_attributes(self.window, &mask).unwrap();
        self.connection.set_input_focus(InputFocus::POINTER_ROOT, self.window, x11rb::CURRENT_TIME).unwrap();
        self.connection.sync().unwrap();
    }

    /// Whether the keyboard is this window's.
    pub fn has_keyboard(&self) -> bool {
        self.connection.get_input_focus().unwrap().reply().unwrap().focus == self.window
    }

    /// A key of the keyboard, by its X symbol.
    pub fn key(&self, symbol: u32, is_down: bool) {
        let (first, symbols) = self.keyboard();
        let place = symbols.iter().position(|of_key| of_key.contains(&symbol)).unwrap();
        self.fake(if is_down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, first + place as u8, [0, 0]);
    }

    /// The keys that came to this window since the last time: their first symbols, and whether they went down.
    pub fn keys(&self) -> Vec<(u32, bool)> {
        let (first, symbols) = self.keyboard();
        let symbol = |code: u8| symbols[usize::from(code - first)][0];
        let mut keys = Vec::new();
        while let Some(event) = self.connection.poll_for_event().unwrap() {
            match event {
                Event::KeyPress(key) => keys.push((symbol(key.detail), true)),
                Event::KeyRelease(key) => keys.push((symbol(key.detail), false)),
                _ => {}
            }
        }
        keys
    }

    /// The first code, and the symbols of each.
    fn keyboard(&self) -> (u8, Vec<Vec<u32>>) {
        let (first, last) = (self.connection.setup().min_keycode, self.connection.setup().max_keycode);
        let mapping = self.connection.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
        let each = usize::from(mapping.keysyms_per_keycode);
        (first, mapping.keysyms.chunks(each).map(<[u32]>::to_vec).collect())
    }

    fn fake(&self, kind: u8, detail: u8, [x, y]: [i16; 2]) {
        self.connection.xtest_fake_input(kind, detail, 0, self.root, x, y, 0).unwrap();
        self.connection.sync().unwrap();
    }

    /// What is to be seen, row by row, and its size.
    pub fn picture(&self) -> (Vec<[u8; 3]>, [u32; 2]) {
        let [width, height] = self.size.get();
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width as u16, height as u16, !0)
            .unwrap()
            .reply()
            .unwrap();
        // 24 bits of depth come as blue, green, red and a byte of nothing.
        (image.data.chunks_exact(4).map(|p| [p[2], p[1], p[0]]).collect(), [width, height])
    }

    /// Whether there is a picture, and not only a window.
    pub fn is_painted(&self) -> bool {
        self.picture().0.into_iter().collect::<HashSet<_>>().len() >= COLOURS
    }

    /// Whether there is a picture and it reaches to this pixel: an empty window is black.
    pub fn is_painted_at(&self, [x, y]: [usize; 2]) -> bool {
        let (pixels, [width, _]) = self.picture();
        pixels[y * width as usize + x] != [0; 3] && self.is_painted()
    }
}
