//! One plugin in the host: its life, layout, latency and state.

use std::ffi::CStr;
use std::io::Cursor;
use std::sync::Arc;

use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::latency::PluginLatency;
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::prelude::*;
use clack_host::process::PluginAudioConfiguration;

use crate::error::HostError;
use crate::gui::Touch;
use crate::handlers::{Callbacks, Counters, Handlers, MainThread, Shared};
use crate::play::{Note, NoteEnd};

/// What a plugin is activated with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    /// Sample rate, Hz.
    pub rate_hz: f64,
    /// The smallest block that will come, frames, at least 1.
    pub min_block_frames: usize,
    /// The largest block that will come, frames.
    pub max_block_frames: usize,
}

/// Whether the host is in a hurry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Render {
    /// As when played: the plugin must not wait.
    Realtime,
    /// As in a bounce: the plugin may take its time.
    Offline,
}

/// A plugin's instance. Belongs to the thread that made it; dropping it deactivates it first.
pub struct Instance {
    pub(crate) plugin: PluginInstance<Handlers>,
    pub(crate) processor: Option<StartedPluginAudioProcessor<Handlers>>,
    pub(crate) format: Option<Format>,
    pub(crate) channels: usize,
    pub(crate) side_channels: usize,
    pub(crate) touches: Vec<Touch>,
    pub(crate) note_ends: Vec<NoteEnd>,
    pub(crate) notes: Vec<Note>,
    pub(crate) has_window: bool,
    counters: Arc<Counters>,
}

impl Instance {
    pub(crate) fn new(entry: &PluginEntry, id: &CStr) -> Result<Self, HostError> {
        let info = HostInfo::new("test-host", "Timbreloom", "", env!("CARGO_PKG_VERSION"))
            .expect("none of these texts holds a NUL");
        let counters = Arc::new(Counters::default());
        let (shared, main) = (Arc::clone(&counters), Arc::clone(&counters));
        let plugin = PluginInstance::new(|()| Shared(shared), |_| MainThread(main), entry, id, &info)?;
        Ok(Self {
            plugin,
            processor: None,
            format: None,
            channels: 2,
            side_channels: 0,
            touches: Vec::new(),
            note_ends: Vec::new(),
            notes: Vec::new(),
            has_window: false,
            counters,
        })
    }

    /// Chooses the layout of this name, “Stereo” before the first call; a second input port is taken for a side-chain.
    /// Inactive only.
    ///
    /// # Errors
    /// When the plugin is active or has no such layout.
    pub fn set_layout(&mut self, name: &str) -> Result<(), HostError> {
        self.expect_inactive()?;
        let handle = self.plugin.plugin_handle();
        let layouts: PluginAudioPortsConfig =
            handle.get_extension().ok_or(HostError::NoExtension("clap.audio-ports-config"))?;
        let mut buffer = AudioPortsConfigBuffer::new();
        let mut found = Vec::new();
        for index in 0..layouts.count(&handle) {
            let Some(layout) = layouts.get(&handle, index, &mut buffer) else { continue };
            if layout.name == name.as_bytes() && layouts.select(&handle, layout.id).is_ok() {
                let ports: PluginAudioPorts =
                    handle.get_extension().ok_or(HostError::NoExtension("clap.audio-ports"))?;
                let mut buffer = AudioPortInfoBuffer::new();
                let mut count = |index| ports.get(&handle, index, true, &mut buffer).map(|port| port.channel_count);
                self.channels = count(0).unwrap_or(0) as usize;
                self.side_channels = count(1).unwrap_or(0) as usize;
                return Ok(());
            }
            found.push(String::from_utf8_lossy(layout.name).into_owned());
        }
        Err(HostError::NoLayout { wanted: name.to_owned(), found })
    }

    /// Tells the plugin whether it may take its time. Takes effect with the next activation.
    ///
    /// # Errors
    /// When the plugin refuses, or knows no render modes.
    pub fn set_render(&mut self, render: Render) -> Result<(), HostError> {
        let handle = self.plugin.plugin_handle();
        let modes: PluginRender = handle.get_extension().ok_or(HostError::NoExtension("clap.render"))?;
        let mode = match render {
            Render::Realtime => RenderMode::Realtime,
            Render::Offline => RenderMode::Offline,
        };
        modes.set(&handle, mode).map_err(|_| HostError::Render(render))?;
        self.serve();
        Ok(())
    }

    /// Activates the plugin and starts processing. Blocks as long as the plugin does.
    ///
    /// # Errors
    /// When it is active already, the format makes no sense, or the plugin fails.
    pub fn activate(&mut self, format: Format) -> Result<(), HostError> {
        self.expect_inactive()?;
        let most = 1 << 24;
        if format.min_block_frames == 0 || format.min_block_frames > format.max_block_frames {
            let expected = format!("1..={}", format.max_block_frames);
            return Err(HostError::Shape { what: "smallest block", found: format.min_block_frames, expected });
        }
        if format.max_block_frames > most {
            let expected = format!("1..={most}");
            return Err(HostError::Shape { what: "largest block", found: format.max_block_frames, expected });
        }
        let configuration = PluginAudioConfiguration {
            sample_rate: format.rate_hz,
            min_frames_count: format.min_block_frames as u32,
            max_frames_count: format.max_block_frames as u32,
        };
        let stopped = self.plugin.activate(|_, _| (), configuration)?;
        match stopped.start_processing() {
            Ok(started) => self.processor = Some(started),
            Err(error) => {
                self.plugin.deactivate(error.into_stopped_processor());
                return Err(PluginInstanceError::StartProcessingFailed.into());
            }
        }
        self.format = Some(format);
        self.serve();
        Ok(())
    }

    /// Stops and deactivates the plugin; does nothing when it is inactive.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.plugin.deactivate(processor.stop_processing());
            self.serve();
        }
        self.format = None;
    }

    /// Stops processing and starts it again, as some hosts do around each block.
    ///
    /// # Errors
    /// When it is inactive, or does not start again.
    pub fn stop_and_start(&mut self) -> Result<(), HostError> {
        let processor = self.processor.take().ok_or(INACTIVE)?;
        match processor.stop_processing().start_processing() {
            Ok(started) => self.processor = Some(started),
            Err(error) => {
                self.plugin.deactivate(error.into_stopped_processor());
                return Err(PluginInstanceError::StartProcessingFailed.into());
            }
        }
        Ok(())
    }

    /// Sends the plugin back to the stream's start, as a host does when the transport jumps.
    ///
    /// # Errors
    /// When it is inactive.
    pub fn reset(&mut self) -> Result<(), HostError> {
        self.processor.as_mut().ok_or(INACTIVE)?.reset();
        Ok(())
    }

    /// The latency that the plugin reports, frames.
    ///
    /// # Errors
    /// When it is inactive (CLAP knows no latency then), or reports none.
    pub fn latency_frames(&mut self) -> Result<usize, HostError> {
        if self.processor.is_none() {
            return Err(INACTIVE);
        }
        let handle = self.plugin.plugin_handle();
        let latency: PluginLatency = handle.get_extension().ok_or(HostError::NoExtension("clap.latency"))?;
        Ok(latency.get(&handle) as usize)
    }

    /// The plugin's state as a host stores it in a project.
    ///
    /// # Errors
    /// When the plugin cannot save.
    pub fn save_state(&mut self) -> Result<Vec<u8>, HostError> {
        let handle = self.plugin.plugin_handle();
        let state: PluginState = handle.get_extension().ok_or(HostError::NoExtension("clap.state"))?;
        let mut bytes = Cursor::new(Vec::new());
        state.save(&handle, &mut bytes).map_err(|_| HostError::State("save"))?;
        Ok(bytes.into_inner())
    }

    /// Gives the plugin a state from [`Self::save_state`]. Obey [`Callbacks::restarts`] when it is active.
    ///
    /// # Errors
    /// When the plugin cannot read it.
    pub fn load_state(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        let handle = self.plugin.plugin_handle();
        let state: PluginState = handle.get_extension().ok_or(HostError::NoExtension("clap.state"))?;
        state.load(&handle, &mut Cursor::new(bytes)).map_err(|_| HostError::State("load"))?;
        self.serve();
        Ok(())
    }

    /// How often the plugin has called its host.
    pub fn callbacks(&self) -> Callbacks {
        self.counters.read()
    }

    /// Gives the plugin the calls on the main thread that it has asked for.
    pub(crate) fn serve(&mut self) {
        // A call may lead to the next wish; a plugin that never has enough is not served for ever.
        for _ in 0..16 {
            if !self.counters.take_main_thread_wish() {
                return;
            }
            self.plugin.call_on_main_thread_callback();
        }
    }

    fn expect_inactive(&self) -> Result<(), HostError> {
        match self.processor {
            Some(_) => Err(HostError::Activity { expected: "inactive", call: "deactivate" }),
            None => Ok(()),
        }
    }
}

/// The answer to calls that need an active plugin.
pub(crate) const INACTIVE: HostError = HostError::Activity { expected: "active", call: "activate" };

impl Drop for Instance {
    fn drop(&mut self) {
        self.close_window();
        self.deactivate();
    }
}
