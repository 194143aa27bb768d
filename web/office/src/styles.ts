/**
 * Mantine's CSS by component: only what the pages draw. In a layer, so that ours wins whatever order pages fetch their CSS in.
 */
import "@mantine/core/styles/default-css-variables.layer.css";
import "@mantine/core/styles/baseline.layer.css";
import "@mantine/core/styles/global.layer.css";
import "@mantine/core/styles/UnstyledButton.layer.css";
import "@mantine/core/styles/Input.layer.css";
import "../../kit/base.css";
import "./office.css";
