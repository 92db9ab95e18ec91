/// Fills in the names in braces of an official peer's arguments. What is no name stays as it is: the input has been checked.
pub(super) fn fill(command: &[String], values: &[(&str, &str)]) -> Vec<String> {
    let fill_one =
        |arg: &String| values.iter().fold(arg.clone(), |arg, (name, value)| arg.replace(&format!("{{{name}}}"), value));
    command.iter().map(fill_one).collect()
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn names_are_filled_in_wherever_they_stand() {
        let command = ["/client", "--target={ip}:{port}", "{other}"].map(str::to_owned);
        let filled = fill(&command, &[("ip", "10.0.0.1"), ("port", "8080")]);
        assert_eq!(filled, ["/client", "--target=10.0.0.1:8080", "{other}"]);
    }
}
