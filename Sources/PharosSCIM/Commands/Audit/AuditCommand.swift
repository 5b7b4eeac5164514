import ArgumentParser

/// The audit trail as a whole.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read and verify the audit trail.",
        subcommands: [
            AuditVerify.self, AuditReplay.self, AuditShow.self, AuditExport.self, AuditNote.self,
            AuditHash.self,
            AuditRestored.self, AuditMakeKey.self, AuditShowKey.self,
        ]
    )
}
