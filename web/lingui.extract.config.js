/** For `npm run extract` only. It must not list codes.po: extraction with --clean would empty it. */
import config, { screens } from "./lingui.config.js";

export default { ...config, catalogs: screens };
