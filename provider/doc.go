// Package provider holds what is known about the vendors of OAuth 2.0 tokens, as data: which hosts are theirs, where
// their endpoints are, how a client logs in and authenticates, how long tokens live and what a rotation does to the one
// before, what their replies look like, what their errors mean and what to do about them.
//
// One file describes one vendor. Those that are built in stand beside this page (salesforce.json, google.json, …). A file
// NAME.json in the directory freshet/providers of the user's configuration ($XDG_CONFIG_HOME or ~/.config; [Directory]) adds
// one, or replaces one that is built in: it has the same members, which [Provider] describes. Comments and trailing commas
// are allowed, and a member that does not exist is an error, so that nothing is silently ignored. A file is read when
// somebody first asks for it, and once in the life of a process.
//
// Each file names the vendor's official pages, and says of every value that none of them states where else it is from
// ([Provider.Unofficial]). Nothing depends on such a value's being right but times and texts: what may be sent where is
// never decided by a guess.
//
// [Generic] stands for every server that has no file. It follows the RFCs and assumes nothing.
package provider
