//! The VST3 entry: the framework's components, each within one of ours that puts right what it gets wrong.
//!
//! nice-plug's `nice_export_vst3!` hands its wrapper to the host as it is. Here the host gets a [`component::Component`], which
//! owns such a wrapper and hands on every call; where the framework has a fault that can be mended from outside, the call
//! is answered here. What is mended, and the report of each fault: `docs/upstream.md`.
//!
//! All `unsafe` of the VST3 side is in this module. Hosts call from any thread that VST3 allows; pointers are theirs.

use std::ffi::c_void;
use std::sync::OnceLock;

use nih_plug::wrapper::setup_logger;
use nih_plug::wrapper::vst3::PluginInfo;
use nih_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3, IPluginFactory3Trait,
    IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo, TUID, int32, kInvalidArgument, kResultOk,
    tresult,
};
use nih_plug::wrapper::vst3::vst3::{Class, ComPtr, ComWrapper};

mod component;
mod handler;
mod listing;
mod pending;
mod release;
mod stream;

use component::Component;
pub use release::Fence;
use release::Site;
pub(super) use release::hand_over;

use super::Timbreloom;

/// A plugin of this library.
trait Exported: nih_plug::prelude::Vst3Plugin<BackgroundTask: From<Fence>> {
    /// The MIDI controllers that it hears.
    const CONTROLLERS: &'static [u8];

    /// What all instances share.
    fn site() -> &'static OnceLock<Site>;
}

/// What the factory has to know of a plugin.
struct Offer {
    info: PluginInfo,
    create: fn() -> Option<ComPtr<FUnknown>>,
}

macro_rules! offer {
    ($($clap:ty, $plugin:ty, $controllers:expr;)*) => {
        $(impl Exported for $plugin {
            const CONTROLLERS: &'static [u8] = &$controllers;

            fn site() -> &'static OnceLock<Site> {
                static SITE: OnceLock<Site> = OnceLock::new();
                &SITE
            }
        })*

        /// In the order in which hosts list them.
        fn offers() -> Vec<Offer> {
            vec![$(Offer { info: PluginInfo::for_plugin::<$plugin>(), create: create::<$plugin> }),*]
        }
    };
}

with_plugins!(offer);

fn create<P: Exported>() -> Option<ComPtr<FUnknown>> {
    ComWrapper::new(Component::<P>::new()).to_com_ptr()
}

/// What hosts ask for the plugins of this library.
struct Factory(Vec<Offer>);

impl Factory {
    /// Writes what `describe` makes of the plugin at `index` to the host's place.
    ///
    /// # Safety
    /// `place` is null or good for a write.
    unsafe fn tell<T>(&self, index: int32, place: *mut T, describe: impl Fn(&PluginInfo) -> T) -> tresult {
        let offer = usize::try_from(index).ok().and_then(|index| self.0.get(index));
        match offer {
            Some(offer) if !place.is_null() => {
                // SAFETY: not null, and so good for a write, as the caller says.
                unsafe { place.write(describe(&offer.info)) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: hosts pass a place for the information, or null.
        unsafe { self.tell(0, info, PluginInfo::create_factory_info) }
    }

    unsafe fn countClasses(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: hosts pass a place for the information, or null.
        unsafe { self.tell(index, info, PluginInfo::create_class_info) }
    }

    unsafe fn createInstance(&self, class: FIDString, interface: FIDString, object: *mut *mut c_void) -> tresult {
        if class.is_null() || interface.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: VST3's ids are sixteen bytes, without an alignment.
        let class = unsafe { &*class.cast::<[u8; 16]>() };
        let offer = self.0.iter().find(|offer| offer.info.cid == class);
        let Some(made) = offer.and_then(|offer| (offer.create)()) else { return kInvalidArgument };
        let made: *mut FUnknown = made.as_ptr();
        // SAFETY: `made` lives until the end of this function; what the host asks for has a reference of its own.
        unsafe { ((*(*made).vtbl).queryInterface)(made, interface.cast::<TUID>(), object) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: hosts pass a place for the information, or null.
        unsafe { self.tell(index, info, PluginInfo::create_class_info_2) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: hosts pass a place for the information, or null.
        unsafe { self.tell(index, info, PluginInfo::create_class_info_unicode) }
    }

    unsafe fn setHostContext(&self, _: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// The VST3 library's entry point; the host owns what it returns.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory(offers())).to_com_ptr::<IPluginFactory>();
    factory.map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}

/// Called when the library has been loaded.
#[unsafe(no_mangle)]
#[cfg(all(unix, not(target_os = "macos")))]
pub extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    begin()
}

/// Called before the library is unloaded.
#[unsafe(no_mangle)]
#[cfg(all(unix, not(target_os = "macos")))]
pub extern "C" fn ModuleExit() -> bool {
    true
}

/// Called when the library has been loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleEntry(_library: *mut c_void) -> bool {
    begin()
}

/// Called before the library is unloaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleExit() -> bool {
    true
}

/// Called when the library has been loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub extern "system" fn InitDll() -> bool {
    begin()
}

/// Called before the library is unloaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub extern "system" fn ExitDll() -> bool {
    true
}

fn begin() -> bool {
    setup_logger::<Timbreloom<false>>();
    true
}
