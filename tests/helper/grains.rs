//! Asks for a grain model as a drum machine does, and says what came.

use timbreloom::model::loader;
use timbreloom::model::request::ModelRequest;

pub fn load(name: &str) {
    match loader::load_grains(&ModelRequest::named(name), None) {
        Ok(loaded) => println!(
            "{}: {}. {}",
            loaded.package.header.name,
            loaded.model.classes().join(", "),
            loaded.remarks.join(" ")
        ),
        Err(error) => println!("{error}"),
    }
}
