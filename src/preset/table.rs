//! The parameters as presets name them: by id, in the units that the window shows.

use std::collections::HashMap;

use serde_json::Value;

use super::extra::Extra;
use super::plugin::Plugin;

/// What a parameter's values are; ranges in shown units.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Any number from the first to the second.
    Number(f32, f32),
    /// A whole number from the first to the second.
    Whole(i32, i32),
    /// `true` or `false`.
    Switch,
    /// One of these ids.
    Choice(Vec<String>),
}

/// From one scale to another.
type Map = Box<dyn Fn(f32) -> f32 + Send + Sync>;

/// One parameter.
pub struct Parameter {
    /// As in projects.
    pub id: String,
    /// As shown.
    pub name: String,
    /// `dB`, `%`, `Hz`, ...; empty where there is none.
    pub unit: String,
    /// Its values.
    pub kind: Kind,
    /// Normalised.
    pub default: f32,
    /// Whether presets, A/B and copies hold it; the others stay as they are.
    pub is_of_preset: bool,
    /// Normalised to shown; of a switch 0 or 1, of a choice its index.
    pub shown: Map,
    /// Shown to normalised.
    pub normalised: Map,
    /// Normalised to what the window says, with its unit.
    pub text: Box<dyn Fn(f32) -> String + Send + Sync>,
}

impl Parameter {
    /// A normalised value as JSON: the shortest number that gives the same value again.
    pub fn to_json(&self, normalised: f32) -> Value {
        let shown = (self.shown)(normalised);
        match &self.kind {
            Kind::Switch => Value::Bool(shown >= 0.5),
            Kind::Whole(..) => Value::from(shown.round() as i64),
            Kind::Choice(ids) => Value::from(ids.get(shown.round().max(0.0) as usize).cloned().unwrap_or_default()),
            Kind::Number(..) => {
                let rounded = |digits: usize| format!("{shown:.digits$e}").parse::<f64>().unwrap_or(f64::from(shown));
                let is_same = |value: &f64| (self.normalised)(*value as f32) == normalised;
                let value = (1..8).map(rounded).find(is_same).unwrap_or_else(|| rounded(8));
                // 0.0 and not -0.0
                Value::from(value + 0.0)
            }
        }
    }

    /// JSON to a normalised value. Outside of the range it is the nearest value and a second result says so; what is no
    /// such value at all is `None` and says so, too.
    pub fn read_json(&self, value: &Value) -> (Option<f32>, Option<String>) {
        let number = |value: Option<f64>, min: f32, max: f32, what: &str| {
            let expected = format!("{what} from {min} to {max}");
            let Some(value) = value else { return (None, Some(expected)) };
            let (from, to) = (f64::from(min), f64::from(max));
            // A value that was rounded for its file may lie outside by as much.
            let slack = 1e-6 * (to - from);
            let is_outside = value < from - slack || to + slack < value;
            (Some((self.normalised)(value.clamp(from, to) as f32)), is_outside.then_some(expected))
        };
        let unit = if self.unit.is_empty() { String::new() } else { format!(" ({})", self.unit) };
        match &self.kind {
            Kind::Number(min, max) => number(value.as_f64(), *min, *max, &format!("a number{unit}")),
            Kind::Whole(min, max) => {
                let whole = value.as_f64().filter(|number| number.fract() == 0.0);
                number(whole, *min as f32, *max as f32, "a whole number")
            }
            Kind::Switch => match value.as_bool() {
                Some(is_on) => (Some(f32::from(u8::from(is_on))), None),
                None => (None, Some("true or false".into())),
            },
            Kind::Choice(ids) => match ids.iter().position(|id| value.as_str() == Some(id)) {
                Some(index) => (Some((self.normalised)(index as f32)), None),
                None => (None, Some(format!("one of “{}”", ids.join("”, “")))),
            },
        }
    }

    /// What somebody types to a normalised value: as the window says it, or as [`Self::read_json`] takes it, in any
    /// case. A number may leave out its unit; a frequency may be in kHz.
    ///
    /// # Errors
    /// What would do, where this is no such value or out of range.
    pub fn read_text(&self, typed: &str) -> Result<f32, String> {
        // Windows show a true minus.
        let typed = typed.trim().replace('−', "-");
        let is = |text: &str| text.eq_ignore_ascii_case(&typed);
        let value = match &self.kind {
            Kind::Number(..) | Kind::Whole(..) => Value::from(self.number(&typed)),
            Kind::Switch if is("on") || is("true") => Value::Bool(true),
            Kind::Switch if is("off") || is("false") => Value::Bool(false),
            Kind::Switch => return Err("on or off".into()),
            Kind::Choice(ids) => {
                let name = |index: usize| (self.text)((self.normalised)(index as f32));
                let found = ids.iter().enumerate().find(|(index, id)| is(id) || is(&name(*index)));
                Value::from(found.map(|(_, id)| id.as_str()))
            }
        };
        match self.read_json(&value) {
            (Some(normalised), None) => Ok(normalised),
            (_, expected) => Err(expected.unwrap_or_default()),
        }
    }

    /// In the parameter's unit, which may follow.
    fn number(&self, typed: &str) -> Option<f64> {
        let (typed, unit) = (typed.to_lowercase(), self.unit.to_lowercase());
        let (number, times) = match typed.strip_suffix("khz") {
            Some(number) if unit == "hz" => (number, 1000.0),
            _ => (typed.strip_suffix(unit.as_str()).unwrap_or(&typed), 1.0),
        };
        number.trim().parse().ok().map(|number: f64| times * number)
    }
}

/// All parameters, in the order of the plugin, and all extras.
pub struct Table {
    parameters: Vec<Parameter>,
    by_id: HashMap<String, usize>,
    /// What is no parameter.
    pub extras: Vec<Extra>,
    /// Whose they are.
    pub plugin: Plugin,
    /// What chance may move.
    pub drawn: &'static [Drawn],
}

/// A parameter that chance may move: its id, and from where to where in shown units.
pub type Drawn = (&'static str, f32, f32);

impl Table {
    /// Of a plugin's parameters and extras; `drawn` is what chance may move.
    pub fn new(plugin: Plugin, parameters: Vec<Parameter>, extras: Vec<Extra>, drawn: &'static [Drawn]) -> Self {
        let by_id = parameters.iter().enumerate().map(|(n, parameter)| (parameter.id.clone(), n)).collect();
        Self { parameters, by_id, extras, plugin, drawn }
    }

    /// All of them.
    pub fn all(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Those that presets hold.
    pub fn of_preset(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.is_of_preset)
    }

    /// A parameter.
    pub fn get(&self, id: &str) -> Option<&Parameter> {
        self.by_id.get(id).map(|&n| &self.parameters[n])
    }
}
