// Style sheets are imported for their effect, images for their address; the bundler makes files of them.
declare module '*.css';
declare module '*.svg' {
  const address: string;
  export default address;
}
