//! What can go wrong between the host and a plugin.

use std::path::PathBuf;

use clack_host::entry::PluginEntryError;
use clack_host::plugin::PluginInstanceError;

/// Why the host could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The file is missing or no CLAP.
    #[error("{}: cannot be loaded as a CLAP plugin ({reason}). Build it with `cargo xtask bundle`.", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the loader says.
        reason: PluginEntryError,
    },
    /// The library holds no plugin of this id.
    #[error("the library has no plugin “{id}”; it has: {}", found.join(", "))]
    NoSuchPlugin {
        /// The id asked for.
        id: String,
        /// The ids there are.
        found: Vec<String>,
    },
    /// The plugin has no parameter of this name.
    #[error("the plugin has no parameter “{name}”; it has: {}", found.join(", "))]
    NoSuchParam {
        /// The name or id asked for.
        name: String,
        /// The names there are.
        found: Vec<String>,
    },
    /// The plugin does not read this text as a value.
    #[error("the parameter “{name}” does not take “{text}”")]
    Text {
        /// The parameter.
        name: String,
        /// The text.
        text: String,
    },
    /// The plugin's window does not do what it is told.
    #[error("the plugin's window: {0}")]
    Window(clack_extensions::gui::GuiError),
    /// The plugin lacks an extension that this call needs.
    #[error("the plugin does not support the CLAP extension “{0}”")]
    NoExtension(&'static str),
    /// No port layout of this name.
    #[error("the plugin has no layout “{wanted}”; it has: {}", found.join(", "))]
    NoLayout {
        /// The name asked for.
        wanted: String,
        /// The names there are.
        found: Vec<String>,
    },
    /// The plugin refused a render mode.
    #[error("the plugin refused the render mode {0:?}")]
    Render(crate::Render),
    /// The plugin could not save or load its state.
    #[error("the plugin could not {0} its state")]
    State(&'static str),
    /// The call needs an active plugin, or an inactive one.
    #[error("the plugin must be {expected} for this; call `{call}` first")]
    Activity {
        /// "active" or "inactive".
        expected: &'static str,
        /// What brings it there.
        call: &'static str,
    },
    /// The sound does not fit what was agreed on.
    #[error("{what}: {found} given, {expected} expected")]
    Shape {
        /// Of what.
        what: &'static str,
        /// How much.
        found: usize,
        /// How much there should be.
        expected: String,
    },
    /// The plugin failed.
    #[error("the plugin failed ({0})")]
    Plugin(#[from] PluginInstanceError),
}
