use super::yaml::nearest;
use crate::model::Side;

/// What the argument templates of an official client can name.
const CLIENT: [&str; 6] = ["ip", "port", "case", "tls", "ca", "name"];
/// And those of an official server.
const SERVER: [&str; 4] = ["port", "tls", "cert", "key"];

/// The arguments of an official peer name what they must, and nothing that does not exist.
pub(super) fn check(side: Side, command: &[String]) -> Result<(), String> {
    let (known, needed) = match side {
        Side::Client => (&CLIENT[..], &["ip", "port", "case"][..]),
        Side::Server => (&SERVER[..], &["port"][..]),
    };
    let named: Vec<&str> = command.iter().flat_map(|arg| names(arg)).collect();
    if let Some(unknown) = named.iter().find(|name| !known.contains(*name)) {
        let hint = nearest(unknown, known).map_or(String::new(), |name| format!("; did you mean `{{{name}}}`?"));
        let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
        return Err(format!(
            "unknown placeholder `{{{unknown}}}` in the `{side}` command{hint} (there are {})",
            known.join(" ")
        ));
    }
    match needed.iter().find(|name| !named.contains(*name)) {
        Some(missing) => Err(format!(
            "the `{side}` command of an official peer has no `{{{missing}}}`, as in --{}={{{missing}}}",
            flag(missing)
        )),
        None => Ok(()),
    }
}

/// The suite's usual flag for it.
fn flag(name: &str) -> &str {
    match name {
        "ip" => "server_host",
        "case" => "test_case",
        other => other,
    }
}

/// The names in braces.
fn names(arg: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    arg.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(side: Side, args: &[&str]) -> Result<(), String> {
        check(side, &args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn templates_name_what_there_is_and_what_is_needed() {
        let client = ["/client", "--server_host={ip}", "--server_port={port}", "--test_case={case}", "--use_tls={tls}"];
        assert_eq!(checked(Side::Client, &client), Ok(()));
        assert_eq!(checked(Side::Server, &["/server", "--port={port}", "--json={\"a\": 1}"]), Ok(()));
        let error = checked(Side::Client, &["/client", "{prot}"]).unwrap_err();
        assert!(error.contains("did you mean `{port}`") && error.contains("{case}"), "{error}");
        let error = checked(Side::Client, &["/client", "{ip}", "{port}"]).unwrap_err();
        assert!(error.contains("no `{case}`, as in --test_case={case}"), "{error}");
        assert!(checked(Side::Server, &["/server"]).unwrap_err().contains("no `{port}`"));
        assert!(checked(Side::Server, &["/server", "{port}", "{ca}"]).is_err(), "a server has no {{ca}}");
    }
}
