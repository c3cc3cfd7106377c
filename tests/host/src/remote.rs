//! What a plugin offers to controllers: pages of knobs, and ports for MIDI.

use clack_extensions::note_ports::{NoteDialect, NotePortInfoBuffer, PluginNotePorts};
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};

use crate::error::HostError;
use crate::instance::Instance;

/// A page of eight knobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemotePage {
    /// Its name.
    pub name: String,
    /// The CLAP ids of the parameters behind the knobs; `None` for a knob that does nothing.
    pub params: [Option<u32>; 8],
}

impl Instance {
    /// Every page, in the plugin's order.
    ///
    /// # Errors
    /// When the plugin has no pages at all.
    pub fn remote_pages(&mut self) -> Result<Vec<RemotePage>, HostError> {
        let handle = self.plugin.plugin_handle();
        let pages: PluginRemoteControls =
            handle.get_extension().ok_or(HostError::NoExtension("clap.remote-controls"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut buffer = RemoteControlsPageBuffer::new();
        let mut found = Vec::new();
        for index in 0..pages.count(&handle) {
            let Some(page) = pages.get(&handle, index, &mut buffer) else { continue };
            found.push(RemotePage {
                name: text(page.page_name),
                params: page.param_ids.map(|id| id.map(|id| id.get())),
            });
        }
        Ok(found)
    }

    /// How many inputs for MIDI 1.0 the plugin has.
    pub fn midi_inputs(&mut self) -> usize {
        let handle = self.plugin.plugin_handle();
        let Some(ports) = handle.get_extension::<PluginNotePorts>() else { return 0 };
        let mut buffer = NotePortInfoBuffer::new();
        let takes_midi = |index: &u32| {
            let port = ports.get(&handle, *index, true, &mut buffer);
            port.is_some_and(|port| port.supported_dialects.supports(NoteDialect::Midi))
        };
        (0..ports.count(&handle, true)).filter(takes_midi).count()
    }
}
