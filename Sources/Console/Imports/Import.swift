/// One uploaded file on its way from the upload to the report.
///
/// ```
/// checking ─► checked ─► importing ─► done
///     │          │            └─► stopped
///     └─► unusable ◄┘ (or left behind)
/// ```
struct Import: Sendable {
    enum Stage: Sendable, Equatable {
        /// The dry run is under way.
        case checking
        /// The dry run is there; nothing has been changed.
        case checked
        case importing
        case done
        /// The file, or the server, does not allow an import; nothing has been changed.
        case unusable(String)
        /// The import came to an end before its time.
        case stopped(String)

        /// Whether something is being done about it.
        var isUnderWay: Bool { self == .checking || self == .importing }
    }

    let id: String
    let tenant: String
    let kind: ImportFile.Kind
    let fileName: String
    let separator: ImportFile.Separator
    /// When the tenant was made, so that nothing comes to another one that has got its name.
    let tenantCreated: String
    let replaces: Bool
    /// Whoever uploaded it, and then whoever confirmed it.
    var person: Person
    /// That of the form by which the file came, so that a form sent twice leads to one upload.
    let formNumber: String
    /// Microseconds since 1970.
    let began: Int64
    /// Nil once it is not needed any more.
    var file: ImportFile?
    var stage = Stage.checking
    var columns: [String] = []
    var lineCount = 0
    /// Of the dry run, and then of the import.
    var tally = ImportTally()
    /// Lines that were sent again, since the server had not answered.
    var linesSentAgain = 0
    /// Whether somebody wants it to end before its time.
    var isStopping = false
    /// Whether the server is silent at the moment.
    var isWaiting = false
}
