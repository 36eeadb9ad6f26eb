// Package provider holds what is known about the vendors of OAuth 2.0 tokens, as data: which hosts are theirs, where
// their token endpoint is, how long their tokens live when a reply does not say, what their errors mean and what to do
// about them.
//
// One file describes one vendor, and a vendor is a value, not code: adding one means filling in a [Provider] in a file of
// its own and naming it in the list at the top of provider.go. Facts that are not in a vendor's official documentation are
// marked as such in the file, and nothing depends on their being right.
//
// [Generic] stands for every server that is not listed. It follows the RFCs and assumes nothing.
package provider
