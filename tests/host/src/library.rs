//! A `.clap` file and the plugins in it.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use clack_host::entry::EntryDescriptor;
use clack_host::prelude::*;

use crate::error::HostError;
use crate::instance::Instance;

/// What a library says of one of its plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The CLAP id, as `org.timbreloom.effect`.
    pub id: String,
    /// The name shown in hosts.
    pub name: String,
    /// The CLAP features, as `audio-effect`.
    pub features: Vec<String>,
}

/// The CLAP under test: in the folder that `TIMBRELOOM_BUNDLED` names, else in this checkout's `target/bundled`.
///
/// # Panics
/// When there is none.
pub fn bundle() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..").join("target").join("bundled");
    let folder = std::env::var_os("TIMBRELOOM_BUNDLED").map_or_else(own, PathBuf::from);
    let path = folder.join("Timbreloom.clap");
    assert!(path.exists(), "there is no bundle at {}: run cargo xtask test", path.display());
    path
}

/// A loaded `.clap`. It is unloaded when this and all its instances are dropped.
pub struct Library {
    entry: PluginEntry,
}

impl Library {
    /// Loads a `.clap` file (a bundle's folder on macOS). Blocks.
    ///
    /// # Errors
    /// When there is no such file, or it is no CLAP.
    pub fn load(path: &Path) -> Result<Self, HostError> {
        // SAFETY: the plugin's code is run as it is, which is what a host is for; clack checks the entry's version.
        let entry = unsafe { PluginEntry::load(path) };
        let entry = entry.map_err(|reason| HostError::Load { path: path.to_owned(), reason })?;
        Ok(Self { entry })
    }

    /// The entry of a library that this program is linked with.
    ///
    /// # Errors
    /// When it is no CLAP.
    pub fn linked(entry: &'static EntryDescriptor) -> Result<Self, HostError> {
        let path = c"linked";
        // SAFETY: the plugin's code is part of this program; clack checks the entry's version.
        let entry = unsafe { PluginEntry::load_from_raw(entry, path) };
        let entry = entry.map_err(|reason| HostError::Load { path: PathBuf::from("linked"), reason })?;
        Ok(Self { entry })
    }

    /// The plugins in the library, in its order.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        let text = |text: Option<&std::ffi::CStr>| text.map(|t| t.to_string_lossy().into_owned()).unwrap_or_default();
        let factory = self.entry.get_plugin_factory();
        factory
            .iter()
            .flat_map(|factory| factory.plugin_descriptors())
            .map(|descriptor| Descriptor {
                id: text(descriptor.id()),
                name: text(descriptor.name()),
                features: descriptor.features().map(|f| f.to_string_lossy().into_owned()).collect(),
            })
            .collect()
    }

    /// A new instance of the plugin of this id. It belongs to the calling thread, which is its main thread.
    ///
    /// # Errors
    /// When the library has no such plugin or the plugin fails.
    pub fn instantiate(&self, id: &str) -> Result<Instance, HostError> {
        let found: Vec<String> = self.descriptors().into_iter().map(|descriptor| descriptor.id).collect();
        match CString::new(id) {
            Ok(c_id) if found.iter().any(|other| other == id) => Instance::new(&self.entry, &c_id),
            _ => Err(HostError::NoSuchPlugin { id: id.to_owned(), found }),
        }
    }
}
