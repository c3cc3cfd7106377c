//! Whether OSC is heard, as a project keeps it, and the server that hears it.

use std::sync::Arc;

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;

use crate::osc::{OscCounts, OscError, OscPlace, OscServer, OscService, OscSettings};

/// The field's name in a project.
pub const OSC: &str = "osc";

/// What a window shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OscStatus {
    /// What is wished for.
    pub settings: OscSettings,
    /// Whether a server listens now.
    pub is_heard: bool,
    /// Why not, and what to do, a whole sentence; empty where there is nothing to say.
    pub problem: String,
    /// What became of what came, since the instance was made.
    pub counts: OscCounts,
}

/// As an instance keeps it, shared by its copies. The server runs while the settings say so. Never used on the audio thread.
#[derive(Clone, Default)]
pub struct OscField(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    settings: OscSettings,
    service: Option<OscService>,
    server: Option<OscServer>,
    problem: String,
}

impl OscField {
    /// The settings of this moment.
    pub fn get(&self) -> OscSettings {
        self.0.lock().settings
    }

    /// Puts others in their place, and begins to listen, or ends. Waits some milliseconds.
    pub fn put(&self, settings: OscSettings) {
        let mut inner = self.0.lock();
        let is_so = inner.settings == settings && inner.server.is_some() == settings.is_on;
        inner.settings = settings;
        if !is_so {
            inner.follow();
        }
    }

    /// What is served from now on.
    pub fn attach(&self, service: OscService) {
        let mut inner = self.0.lock();
        inner.service = Some(service);
        inner.follow();
    }

    /// Listens there, whatever the settings say: for the program and for tests; -> the port.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn serve(&self, place: OscPlace) -> Result<u16, OscError> {
        let mut inner = self.0.lock();
        inner.server = None;
        let Some(service) = &inner.service else { return Ok(0) };
        let server = OscServer::start(place, service)?;
        let port = server.port();
        inner.server = Some(server);
        Ok(port)
    }

    /// What a window shows. Allocates.
    pub fn status(&self) -> OscStatus {
        let inner = self.0.lock();
        OscStatus {
            settings: inner.settings,
            is_heard: inner.server.is_some(),
            problem: inner.problem.clone(),
            counts: inner.service.as_ref().map(|service| service.report().counts()).unwrap_or_default(),
        }
    }
}

impl Inner {
    fn follow(&mut self) {
        // First of all, since the same port may be asked for.
        self.server = None;
        self.problem.clear();
        let Some(service) = self.service.as_ref().filter(|_| self.settings.is_on) else { return };
        match OscPlace::of(self.settings).and_then(|place| OscServer::start(place, service)) {
            Ok(server) => self.server = Some(server),
            Err(error) => self.problem = error.to_string(),
        }
    }
}

impl PersistentField<'_, OscSettings> for OscField {
    fn set(&self, new_value: OscSettings) {
        self.put(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&OscSettings) -> R,
    {
        f(&self.get())
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::instance::effect_params::EffectParams;
    use crate::instance::osc_play::OscPlay;

    #[test]
    fn the_second_instance_on_a_port_says_so_and_hears_once_the_first_one_is_gone() {
        // One that nobody has, as far as is known.
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = OscSettings { is_on: true, port, send_port: 0 };
        let [first, second] = [EffectParams::default(), EffectParams::default()];
        let _played = [&first, &second].map(|params| OscPlay::new(params, &Arc::default()));
        first.own.osc.put(settings);
        assert!(first.own.osc.status().is_heard, "{:?}", first.own.osc.status());
        second.own.osc.put(settings);
        let status = second.own.osc.status();
        assert!(!status.is_heard && status.problem.contains(&format!("port {port} is in use")), "{status:?}");
        drop(first);
        second.own.osc.put(settings);
        assert_eq!((second.own.osc.status().is_heard, second.own.osc.status().problem), (true, String::new()));
        second.own.osc.put(OscSettings::default());
        assert_eq!(second.own.osc.status(), OscStatus::default());
    }

    #[test]
    fn parameters_that_nobody_plays_open_no_port() {
        let params = EffectParams::default();
        params.own.osc.put(OscSettings { is_on: true, ..OscSettings::default() });
        assert!(!params.own.osc.status().is_heard && params.own.osc.get().is_on);
    }
}
