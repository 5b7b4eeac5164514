/// How large the data file is, in pages.
package struct FileFigures: Sendable, Equatable {
    package let pageBytes: Int
    /// Those that the file has, free ones included.
    package let pages: Int
    /// Those of them that the next checkpoint can use.
    package let freePages: Int
    /// Those that it may have.
    package let pagesMax: Int
}
