//! A plugin's window, in a window of the caller's, and what is done in it as the host sees it.

use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use clack_host::events::UnknownEvent;
use clack_host::events::spaces::CoreEventSpace;

use crate::error::HostError;
use crate::instance::Instance;

/// What a plugin tells its host of a parameter that is moved in its window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touch {
    /// The musician takes hold of the parameter of this id.
    Begin(u32),
    /// It has this CLAP value now.
    Value(u32, f64),
    /// The musician lets go.
    End(u32),
}

impl Touch {
    pub(crate) fn of(event: &UnknownEvent) -> Option<Self> {
        match event.as_core_event()? {
            CoreEventSpace::ParamGestureBegin(event) => Some(Self::Begin(event.param_id()?.get())),
            CoreEventSpace::ParamValue(event) => Some(Self::Value(event.param_id()?.get(), event.value())),
            CoreEventSpace::ParamGestureEnd(event) => Some(Self::End(event.param_id()?.get())),
            _ => None,
        }
    }
}

impl Instance {
    /// Opens the plugin's window within a window of the X server; -> its width and height, pixels. Blocks until it is there.
    ///
    /// # Errors
    /// When the plugin has no window for X11, or cannot open it.
    pub fn open_window(&mut self, parent: u32) -> Result<[u32; 2], HostError> {
        self.open_window_at(parent, 1.0)
    }

    /// The same with so many physical pixels for a logical one.
    ///
    /// # Errors
    /// As [`Self::open_window`].
    pub fn open_window_at(&mut self, parent: u32, scale: f64) -> Result<[u32; 2], HostError> {
        let gui = self.gui()?;
        let handle = self.plugin.plugin_handle();
        let configuration = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
        gui.create(&handle, configuration).map_err(HostError::Window)?;
        self.has_window = true;
        if scale != 1.0 {
            gui.set_scale(&handle, scale).map_err(HostError::Window)?;
        }
        let size = gui.get_size(&handle).unwrap_or(GuiSize { width: 0, height: 0 });
        // SAFETY: the caller keeps its window for as long as the plugin's is open.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(parent.into())) }.map_err(HostError::Window)?;
        gui.show(&handle).map_err(HostError::Window)?;
        self.serve();
        Ok([size.width, size.height])
    }

    /// The size that the plugin's window has, pixels.
    ///
    /// # Errors
    /// When the plugin does not say.
    pub fn window_size(&mut self) -> Result<[u32; 2], HostError> {
        let gui = self.gui()?;
        let handle = self.plugin.plugin_handle();
        let size = gui.get_size(&handle).ok_or(HostError::NoExtension("clap.gui"))?;
        Ok([size.width, size.height])
    }

    /// Makes the plugin's window as large as this or as near as it can be; -> what it chose, pixels.
    ///
    /// # Errors
    /// When the window cannot be resized.
    pub fn resize_window(&mut self, [width, height]: [u32; 2]) -> Result<[u32; 2], HostError> {
        let gui = self.gui()?;
        let handle = self.plugin.plugin_handle();
        let wanted = GuiSize { width, height };
        let size = gui.adjust_size(&handle, wanted).unwrap_or(wanted);
        gui.set_size(&handle, size).map_err(HostError::Window)?;
        self.serve();
        Ok([size.width, size.height])
    }

    /// Closes the plugin's window; does nothing when there is none.
    pub fn close_window(&mut self) {
        if !std::mem::take(&mut self.has_window) {
            return;
        }
        if let Ok(gui) = self.gui() {
            gui.destroy(&self.plugin.plugin_handle());
        }
        self.serve();
    }

    /// Lets a window have the calls that it has asked for, when no sound is played meanwhile.
    pub fn idle(&mut self) {
        self.serve();
    }

    /// What was done in the window since the last call, oldest first, as it came with the sound.
    pub fn take_touches(&mut self) -> Vec<Touch> {
        std::mem::take(&mut self.touches)
    }

    fn gui(&mut self) -> Result<PluginGui, HostError> {
        self.plugin.plugin_handle().get_extension().ok_or(HostError::NoExtension("clap.gui"))
    }
}
