/// The number of a form, by which it is carried out once: when it was made, so that older ones can be told, and something
/// that no other form has.
enum FormNumber {
    /// Microseconds since 1970 as 16 hexadecimal digits, then 32 digits by chance.
    static func make(_ environment: ConsoleEnvironment) -> String {
        let digits = String(environment.now(), radix: 16)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
            + environment.secret().prefix(32)
    }
}
