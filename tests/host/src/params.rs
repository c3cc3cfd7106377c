//! A plugin's parameters: what they are, their values and their texts.

use std::ffi::CString;

use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::*;

use crate::error::HostError;
use crate::instance::Instance;

/// A parameter as the host sees it. Values are the plugin's CLAP values: nice-plug maps every range to 0..1 (stepped
/// ones to 0..steps), so what a musician reads comes from [`Instance::value_to_text`].
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The CLAP id, stable between versions.
    pub id: u32,
    /// The name shown in hosts.
    pub name: String,
    /// The group, levels joined by `/`.
    pub module: String,
    /// The lowest value.
    pub min: f64,
    /// The highest value.
    pub max: f64,
    /// The value of a new instance.
    pub default: f64,
    /// Whether a host may draw it over time.
    pub is_automatable: bool,
    /// Whether a host may add to it without moving it.
    pub is_modulatable: bool,
    /// Whether it has whole values only.
    pub is_stepped: bool,
    /// Whether hosts hide it.
    pub is_hidden: bool,
    /// Whether it is the plugin's bypass.
    pub is_bypass: bool,
}

impl Instance {
    /// Every parameter, in the plugin's order.
    ///
    /// # Errors
    /// When the plugin has no parameters at all.
    pub fn params(&mut self) -> Result<Vec<Param>, HostError> {
        let (handle, extension) = self.param_extension()?;
        let mut buffer = ParamInfoBuffer::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut params = Vec::new();
        for index in 0..extension.count(&handle) {
            let Some(info) = extension.get_info(&handle, index, &mut buffer) else { continue };
            params.push(Param {
                id: info.id.get(),
                name: text(info.name),
                module: text(info.module),
                min: info.min_value,
                max: info.max_value,
                default: info.default_value,
                is_automatable: info.flags.contains(ParamInfoFlags::IS_AUTOMATABLE),
                is_modulatable: info.flags.contains(ParamInfoFlags::IS_MODULATABLE),
                is_stepped: info.flags.contains(ParamInfoFlags::IS_STEPPED),
                is_hidden: info.flags.contains(ParamInfoFlags::IS_HIDDEN),
                is_bypass: info.flags.contains(ParamInfoFlags::IS_BYPASS),
            });
        }
        Ok(params)
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn param(&mut self, name: &str) -> Result<Param, HostError> {
        let params = self.params()?;
        if let Some(param) = params.iter().find(|param| param.name == name) {
            return Ok(param.clone());
        }
        let found = params.into_iter().map(|param| param.name).collect();
        Err(HostError::NoSuchParam { name: name.to_owned(), found })
    }

    /// The value of the parameter of this id.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&mut self, id: u32) -> Result<f64, HostError> {
        let (handle, extension) = self.param_extension()?;
        let value = ClapId::from_raw(id).and_then(|id| extension.get_value(&handle, id));
        value.ok_or_else(|| self.no_such_id(id))
    }

    /// How the plugin writes a value, with its unit.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub fn value_to_text(&mut self, id: u32, value: f64) -> Result<String, HostError> {
        let (handle, extension) = self.param_extension()?;
        let mut buffer = [0u8; 256];
        let text = ClapId::from_raw(id)
            .and_then(|id| extension.value_to_text(&handle, id, value, &mut buffer).ok())
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        text.ok_or_else(|| self.no_such_id(id))
    }

    /// The value that the plugin reads in a text.
    ///
    /// # Errors
    /// When there is no such parameter, or it cannot read the text.
    pub fn text_to_value(&mut self, id: u32, text: &str) -> Result<f64, HostError> {
        let (handle, extension) = self.param_extension()?;
        let c_text = CString::new(text).ok();
        let value = ClapId::from_raw(id)
            .zip(c_text.as_deref())
            .and_then(|(id, text)| extension.text_to_value(&handle, id, text));
        value.ok_or_else(|| HostError::Text { name: id.to_string(), text: text.to_owned() })
    }

    /// Sets values outside of processing: as when a knob is turned while the transport stands.
    ///
    /// # Errors
    /// When the plugin has no parameters, or an id cannot be one.
    pub fn set_values(&mut self, values: &[(u32, f64)]) -> Result<(), HostError> {
        let mut events = EventBuffer::new();
        for &(id, value) in values {
            let id = ClapId::from_raw(id).ok_or_else(|| self.no_such_id(id))?;
            events.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
        }
        let (_, extension) = self.param_extension()?;
        let mut answers = EventBuffer::new();
        let (input, mut output) = (InputEvents::from_buffer(&events), OutputEvents::from_buffer(&mut answers));
        match &mut self.processor {
            Some(processor) => extension.flush_active(&mut processor.plugin_handle(), &input, &mut output),
            None => {
                if let Some(mut handle) = self.plugin.inactive_plugin_handle() {
                    extension.flush(&mut handle, &input, &mut output);
                }
            }
        }
        self.serve();
        Ok(())
    }

    /// Sets a parameter as a musician does: by its name and a text, as `set_by_text("Mix", "50 %")`.
    ///
    /// # Errors
    /// When there is no such parameter, or it cannot read the text.
    pub fn set_by_text(&mut self, name: &str, text: &str) -> Result<(), HostError> {
        let param = self.param(name)?;
        let value = self.text_to_value(param.id, text);
        let value = value.map_err(|_| HostError::Text { name: name.to_owned(), text: text.to_owned() })?;
        self.set_values(&[(param.id, value)])
    }

    fn param_extension(&mut self) -> Result<(PluginMainThreadHandle<'_>, PluginParams), HostError> {
        let handle = self.plugin.plugin_handle();
        let extension = handle.get_extension().ok_or(HostError::NoExtension("clap.params"))?;
        Ok((handle, extension))
    }

    fn no_such_id(&mut self, id: u32) -> HostError {
        let found = self.params().unwrap_or_default().into_iter().map(|param| param.name).collect();
        HostError::NoSuchParam { name: format!("id {id}"), found }
    }
}
