//! Loads a package under the quarantine's guard, and lives or dies.

use std::path::Path;

use timbreloom::model::latent::LatentPackage;
use timbreloom::model::provider::Provider;
use timbreloom::model::quarantine::Quarantine;

use crate::common::package::shipped;

fn cello() -> LatentPackage {
    LatentPackage::open(&shipped("cello")).unwrap()
}

/// What a load comes to.
fn well<T>(loaded: T) -> Result<T, &'static str> {
    Ok(loaded)
}

/// How it `ends`, the `folder` of markers, the `part` of the package (`None`: all of it). With CUDA as far as the
/// marker says: no card is needed to crash.
pub fn load(ends: &str, folder: &str, part: Option<&str>, provider: Provider) {
    let quarantine = Quarantine::in_folder(Path::new(folder));
    let load = || {
        println!("loading");
        match ends {
            "abort" => std::process::abort(),
            "abort among others" => {
                let again = |load: &dyn Fn()| {
                    let load = || {
                        load();
                        well(())
                    };
                    quarantine.guard(&cello().header, provider, load).unwrap().unwrap();
                };
                again(&|| again(&|| std::process::abort()));
            }
            "wait" => std::thread::sleep(std::time::Duration::from_secs(60)),
            "panic" => assert!(std::panic::catch_unwind(|| panic!("told to")).is_err()),
            "well" => {}
            _ => panic!("no load ends so: {ends}"),
        }
        well(())
    };
    let loaded = quarantine.guard_part(&cello().header, provider, part, load);
    println!("{}", loaded.map_or_else(|held| held.to_string(), |_| "loaded".into()));
}
