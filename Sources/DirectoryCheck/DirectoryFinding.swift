import Storage

/// Something that is not as it should be.
package struct DirectoryFinding: Sendable {
    /// Names rows by ids.
    package let sentence: String
    /// What mends it, on the state in which it was found; nil if nobody can tell what should be there.
    package let repair: Changeset?

    init(_ sentence: String, repair: Changeset? = nil) {
        self.sentence = sentence
        self.repair = repair
    }
}
